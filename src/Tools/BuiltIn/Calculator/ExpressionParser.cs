using System.Globalization;
using System.Numerics;
using AgentKit.Kernel.Errors;

namespace AgentKit.Tools.BuiltIn.Calculator;

/// <summary>
/// Precedence-climbing parser that computes while it reads; no code is ever built from the text.
/// Grammar: numbers, <c>+ - * / % ^</c> (also <c>** × ÷ −</c>), parentheses, functions with comma-separated arguments, <c>pi</c>, <c>e</c>.
/// <c>^</c> is right-associative and binds tighter than a leading minus: -2^2 is -4.
/// </summary>
internal sealed class ExpressionParser
{
    private const int LongestExpression = 1000;
    private const int DeepestNesting = 100;

    /// <summary>Longer literals would only cost time: a double ends at 1e308.</summary>
    private const int LargestExponent = 400;

    private readonly string _text;
    private int _position;
    private int _depth;

    private ExpressionParser(string text) => _text = text;

    /// <summary>Computes the value of an expression.</summary>
    /// <exception cref="ToolException">The text is not an expression, or it has no finite real value.</exception>
    public static Number Evaluate(string expression)
    {
        if (expression.Length > LongestExpression)
            throw new ToolException($"the expression has {expression.Length} characters, at most {LongestExpression} are allowed");
        var parser = new ExpressionParser(expression);
        var value = parser.Sum();
        parser.SkipBlanks();
        return parser._position == expression.Length ? value : throw parser.Unexpected();
    }

    private Number Sum()
    {
        var value = Product();
        while (true)
        {
            if (Take("+"))
                value += Product();
            else if (TakeMinus())
                value -= Product();
            else
                return value;
        }
    }

    private Number Product()
    {
        var value = Signed();
        while (true)
        {
            if (!Ahead("**") && (Take("*") || Take("×")))
                value *= Signed();
            else if (Take("/") || Take("÷"))
                value /= Signed();
            else if (Take("%"))
                value %= AfterPercent();
            else
                return value;
        }
    }

    private Number AfterPercent()
    {
        SkipBlanks();
        var operand = _position < _text.Length && (char.IsAsciiLetterOrDigit(_text[_position]) || "(.+-−".Contains(_text[_position]));
        return operand
            ? Signed()
            : throw new ToolException($"invalid expression: '%' is the remainder and needs a number after it (position {_position + 1}); "
                + "write 12 / 100 * 50 for 12 percent of 50");
    }

    private Number Signed()
    {
        using var level = Enter();
        if (TakeMinus())
            return -Signed();
        return Take("+") ? Signed() : Raised();
    }

    private Number Raised()
    {
        var value = Atom();
        return Take("^") || Take("**") ? Number.Power(value, Signed()) : value;
    }

    private Number Atom()
    {
        SkipBlanks();
        if (_position == _text.Length)
            throw Invalid("it ends where a number is expected");
        if (Take("("))
            return Parenthesised();
        var next = _text[_position];
        if (char.IsAsciiDigit(next) || (next == '.' && _position + 1 < _text.Length && char.IsAsciiDigit(_text[_position + 1])))
            return Literal();
        return char.IsAsciiLetter(next) ? Named() : throw Unexpected();
    }

    private Number Parenthesised()
    {
        var value = Sum();
        return Take(")") ? value : throw Expected(")");
    }

    private Number Named()
    {
        var start = _position;
        while (_position < _text.Length && (char.IsAsciiLetterOrDigit(_text[_position]) || _text[_position] == '_'))
            _position++;
        var name = _text[start.._position];
        if (Functions.Constant(name) is { } constant)
            return constant;
        if (!Functions.Exists(name))
        {
            _position = start;
            throw Invalid($"unknown name '{name}', known are {Functions.Names}");
        }
        if (!Take("("))
            throw Expected("(");
        var arguments = new List<Number>();
        if (Take(")"))
            return Functions.Apply(name, arguments);
        do
            arguments.Add(Sum());
        while (Take(","));
        return Take(")") ? Functions.Apply(name, arguments) : throw Expected(")");
    }

    private Number Literal()
    {
        var start = _position;
        var digits = TakeDigits();
        var scale = 0;
        if (_position < _text.Length && _text[_position] == '.')
        {
            _position++;
            var fraction = TakeDigits();
            scale = fraction.Length;
            digits += fraction;
        }
        var exponent = Exponent(start) - scale;
        var mantissa = BigInteger.Parse(digits, CultureInfo.InvariantCulture);
        return exponent >= 0
            ? Number.Fraction(mantissa * BigInteger.Pow(10, exponent), BigInteger.One)
            : Number.Fraction(mantissa, BigInteger.Pow(10, -exponent));
    }

    /// <summary>The power of ten after an <c>e</c> that is followed by digits; otherwise the letter is left for the caller.</summary>
    private int Exponent(int start)
    {
        var mark = _position;
        if (mark == _text.Length || _text[mark] is not ('e' or 'E'))
            return 0;
        _position++;
        var negative = false;
        if (_position < _text.Length && _text[_position] is '+' or '-')
            negative = _text[_position++] == '-';
        var digits = TakeDigits();
        if (digits.Length == 0)
        {
            _position = mark;
            return 0;
        }
        if (!int.TryParse(digits, CultureInfo.InvariantCulture, out var value) || value > LargestExponent)
        {
            _position = start;
            throw Invalid($"the number's power of ten exceeds {LargestExponent}");
        }
        return negative ? -value : value;
    }

    private string TakeDigits()
    {
        var start = _position;
        while (_position < _text.Length && char.IsAsciiDigit(_text[_position]))
            _position++;
        return _text[start.._position];
    }

    private bool TakeMinus() => Take("-") || Take("−");

    private bool Take(string token)
    {
        if (!Ahead(token))
            return false;
        _position += token.Length;
        return true;
    }

    private bool Ahead(string token)
    {
        SkipBlanks();
        return _text.AsSpan(_position).StartsWith(token, StringComparison.Ordinal);
    }

    private void SkipBlanks()
    {
        while (_position < _text.Length && char.IsWhiteSpace(_text[_position]))
            _position++;
    }

    private Level Enter()
    {
        if (++_depth > DeepestNesting)
            throw Invalid($"it is nested deeper than {DeepestNesting} levels");
        return new Level(this);
    }

    private ToolException Invalid(string what) => new($"invalid expression: {what} (position {_position + 1})");

    private ToolException Expected(string token)
    {
        SkipBlanks();
        return Invalid(_position == _text.Length ? $"'{token}' is missing at the end" : $"expected '{token}', found '{Found()}'");
    }

    private ToolException Unexpected()
    {
        var found = Found();
        var hint = found switch
        {
            "," => ", write numbers without thousands separators",
            "=" => ", write one side only",
            "(" => ", write * to multiply",
            _ when _position > 0 && char.IsAsciiLetterOrDigit(found[0]) => ", write an operator before it",
            _ => "",
        };
        return Invalid($"unexpected '{found}'{hint}");
    }

    /// <summary>The character at the position, whole even when it takes two code units.</summary>
    private string Found() => _position + 1 < _text.Length && char.IsSurrogatePair(_text, _position)
        ? _text.Substring(_position, 2)
        : _text[_position].ToString();

    private readonly struct Level(ExpressionParser parser) : IDisposable
    {
        public void Dispose() => parser._depth--;
    }
}

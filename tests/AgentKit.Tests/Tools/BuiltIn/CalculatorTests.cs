using System.Globalization;
using AgentKit.Kernel.Errors;
using AgentKit.Tools.BuiltIn.Calculator;

namespace AgentKit.Tests.Tools.BuiltIn;

public class CalculatorTests
{
    private static string Evaluate(string expression) => NumberFormat.Format(ExpressionParser.Evaluate(expression));

    private static string Fault(string expression) => Assert.Throws<ToolException>(() => Evaluate(expression)).Message;

    [Theory]
    [InlineData("347 + 518", "865")]
    [InlineData("0.1 + 0.2", "0.3")]
    [InlineData("12 / 100 * 50", "6")]
    [InlineData("1 / 3 * 3", "1")]
    [InlineData("7928/(2/4306)", "17068984")]
    [InlineData("2 + 3 * 4", "14")]
    [InlineData("2 - 3 - 4", "-5")]
    [InlineData("100 / 10 / 2", "5")]
    [InlineData("2^3^2", "512")]
    [InlineData("-2^2", "-4")]
    [InlineData("(-2)^2", "4")]
    [InlineData("2^-1", "0.5")]
    [InlineData("2**10", "1024")]
    [InlineData("0^0", "1")]
    [InlineData("-7 % 3", "-1")]
    [InlineData("7.5 % 2", "1.5")]
    [InlineData("--5", "5")]
    [InlineData("+-+5", "-5")]
    [InlineData("1 - -1", "2")]
    [InlineData("6 × 7 ÷ 2 − 1", "20")]
    [InlineData(".5 + 1.", "1.5")]
    [InlineData("1e3 + 1E-3", "1000.001")]
    [InlineData("492 * 496.0", "244032")]
    [InlineData("-0", "0")]
    [InlineData("  1\t+\n1 ", "2")]
    public void Evaluate_Arithmetic_IsExact(string expression, string expected) => Assert.Equal(expected, Evaluate(expression));

    [Theory]
    [InlineData("sqrt(16)", "4")]
    [InlineData("sqrt(2)", "1.4142135623731")]
    [InlineData("sqrt(2)^2", "2")]
    [InlineData("abs(-3.5)", "3.5")]
    [InlineData("min(3, 1/3, 2)", "0.333333333333333")]
    [InlineData("max(1, sqrt(2), 1.4)", "1.4142135623731")]
    [InlineData("round(2.5)", "3")]
    [InlineData("round(-2.5)", "-3")]
    [InlineData("round(1.005, 2)", "1.01")]
    [InlineData("round(1234, -2)", "1200")]
    [InlineData("round(sqrt(2), 3)", "1.414")]
    [InlineData("floor(-1.5)", "-2")]
    [InlineData("ceil(-1.5)", "-1")]
    [InlineData("ceil(1.2)", "2")]
    [InlineData("sin(pi)", "0")]
    [InlineData("sin(pi/6)", "0.5")]
    [InlineData("cos(0)", "1")]
    [InlineData("cos(pi/2)", "0")]
    [InlineData("tan(pi/4)", "1")]
    [InlineData("ln(e)", "1")]
    [InlineData("log(1000)", "3")]
    [InlineData("log(8, 2)", "3")]
    [InlineData("exp(0)", "1")]
    [InlineData("PI", "3.14159265358979")]
    [InlineData("SQRT(9) + Abs(-1)", "4")]
    [InlineData("sin(1e22)", "-0.852200849767189")]
    public void Evaluate_Function_GivesItsValue(string expression, string expected) => Assert.Equal(expected, Evaluate(expression));

    [Theory]
    [InlineData("1 / 3", "0.333333333333333")]
    [InlineData("2 / 3", "0.666666666666667")]
    [InlineData("1 / 1024", "0.0009765625")]
    [InlineData("2^100", "1267650600228229401496703205376")]
    [InlineData("10^20", "100000000000000000000")]
    [InlineData("10^50", "1e50")]
    [InlineData("15 * 10^50", "1.5e51")]
    [InlineData("10^-10", "0.0000000001")]
    [InlineData("10^-12", "1e-12")]
    [InlineData("1e-20 * 1e-20", "1e-40")]
    [InlineData("123456789.123456789 * 1", "123456789.123456789")]
    [InlineData("1234567890123456789 / 7", "176366841446208113")]
    [InlineData("0.99999999999999999 / 3 * 3", "0.99999999999999999")]
    [InlineData("2/3*100000", "66666.6666666667")]
    [InlineData("exp(100)", "2.68811714181614e43")]
    public void Evaluate_AnySize_IsWrittenReadably(string expression, string expected) => Assert.Equal(expected, Evaluate(expression));

    [Theory]
    [InlineData("", "it ends where a number is expected (position 1)")]
    [InlineData("1 +", "it ends where a number is expected (position 4)")]
    [InlineData("1 + * 2", "unexpected '*' (position 5)")]
    [InlineData("2 3", "unexpected '3', write an operator before it (position 3)")]
    [InlineData("2(3)", "unexpected '(', write * to multiply (position 2)")]
    [InlineData("(1 + 2", "')' is missing at the end (position 7)")]
    [InlineData("1 + 2)", "unexpected ')' (position 6)")]
    [InlineData("1,000 + 1", "write numbers without thousands separators (position 2)")]
    [InlineData("1 = 1", "write one side only (position 3)")]
    [InlineData("foo(1)", "unknown name 'foo', known are abs")]
    [InlineData("import os", "unknown name 'import'")]
    [InlineData("sin 1", "expected '(', found '1'")]
    [InlineData("sin", "'(' is missing at the end")]
    [InlineData("sqrt()", "sqrt takes 1 argument, found 0")]
    [InlineData("log(1,2,3)", "log takes 1 to 2 arguments, found 3")]
    [InlineData("12%", "write 12 / 100 * 50 for 12 percent of 50")]
    [InlineData("1e999", "power of ten exceeds 400 (position 1)")]
    [InlineData("1.2.3", "unexpected '.'")]
    [InlineData("😀", "unexpected '😀' (position 1)")]
    public void Evaluate_NotAnExpression_SaysWhatAndWhere(string expression, string fault)
    {
        var message = Fault(expression);

        Assert.StartsWith("invalid expression: ", message);
        Assert.Contains(fault, message);
    }

    [Theory]
    [InlineData("1 / 0", "division by zero")]
    [InlineData("1 % 0", "division by zero")]
    [InlineData("1 / sin(pi)", "division by zero")]
    [InlineData("0 ^ -1", "division by zero")]
    [InlineData("10 ^ 400 * 10 ^ 400 * 10 ^ 400 * 10 ^ 400", "the result is too large")]
    [InlineData("9 ^ 9 ^ 9 ^ 9", "the result is too large")]
    [InlineData("exp(1000)", "the result is too large")]
    [InlineData("exp(-1000)", "the result is too small")]
    [InlineData("sqrt(-1)", "sqrt of a negative number is not a real number")]
    [InlineData("(-8) ^ 0.5", "the result is not a real number")]
    [InlineData("ln(0)", "ln needs a positive number")]
    [InlineData("log(5, 1)", "log to the base 1 is undefined")]
    [InlineData("tan(pi/2)", "tan is undefined at this angle")]
    [InlineData("round(1, 0.5)", "round takes a whole number of digits between -28 and 28")]
    public void Evaluate_NoRealValue_SaysWhy(string expression, string fault) => Assert.Equal(fault, Fault(expression));

    [Fact]
    public void Evaluate_TooLong_IsRefused() => Assert.Contains("at most 1000", Fault(new string('1', 1001)));

    [Theory]
    [InlineData("(")]
    [InlineData("-")]
    [InlineData("2^")]
    [InlineData("abs(")]
    public void Evaluate_TooDeep_IsRefused(string opening) =>
        Assert.Contains("nested deeper", Fault(string.Concat(Enumerable.Repeat(opening, 200)) + "1"));

    [Fact]
    public void Evaluate_RandomDecimals_AgreesWithDecimalArithmetic()
    {
        var random = new Random(11);
        for (var i = 0; i < 2000; i++)
        {
            var (a, b, c) = (Next(), Next(), Next());
            var text = string.Create(CultureInfo.InvariantCulture, $"{a} + {b} * ({c} - {a})");

            Assert.Equal(a + b * (c - a), decimal.Parse(Evaluate(text), CultureInfo.InvariantCulture));
        }

        decimal Next() => new decimal(random.Next(-100_000, 100_000)) / (decimal)Math.Pow(10, random.Next(0, 5));
    }

    [Fact]
    public void Evaluate_RandomExpressions_AgreeWithDoubleArithmetic()
    {
        var random = new Random(12);
        for (var i = 0; i < 2000; i++)
        {
            var (text, expected) = RandomExpression(random, depth: 4);
            if (!double.IsFinite(expected))
                continue;
            var actual = double.Parse(Evaluate(text), CultureInfo.InvariantCulture);

            Assert.True(Math.Abs(actual - expected) <= 1e-9 * Math.Max(1, Math.Abs(expected)), $"{text}: {actual}, expected {expected}");
        }
    }

    [Fact]
    public void Evaluate_RandomStrings_ThrowNothingButToolException()
    {
        const string alphabet = "0123456789.+-*/%^(),eE pisqrtabmxnlogcf×÷−\0\t😀=_²";
        var random = new Random(13);
        var values = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(0, 40)).Select(_ => alphabet[random.Next(alphabet.Length)])]);
            try
            {
                Evaluate(text);
                values++;
            }
            catch (ToolException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }
        Assert.InRange(values, 1, 9_999);
    }

    private static (string Text, double Value) RandomExpression(Random random, int depth)
    {
        if (depth == 0 || random.Next(4) == 0)
        {
            var number = random.Next(1, 1000) / 8.0;
            return (number.ToString(CultureInfo.InvariantCulture), number);
        }
        var (left, a) = RandomExpression(random, depth - 1);
        var (right, b) = RandomExpression(random, depth - 1);
        return random.Next(7) switch
        {
            0 => ($"({left} + {right})", a + b),
            1 => ($"({left} * {right})", a * b),
            2 => ($"({left} / (abs({right}) + 1))", a / (Math.Abs(b) + 1)),
            3 => ($"max({left}, -{right})", Math.Max(a, -b)),
            4 => ($"sqrt(abs({left}))", Math.Sqrt(Math.Abs(a))),
            5 => ($"sin({left})", Math.Sin(a)),
            _ => ($"-{left}", -a),
        };
    }
}

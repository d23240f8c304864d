using System.Text;

namespace AgentKit.Models.Chat;

/// <summary>What a <see cref="CallReader"/> says about the character it was given.</summary>
internal enum CallProgress
{
    /// <summary>The call goes on.</summary>
    More,

    /// <summary>The call ended with this character.</summary>
    Complete,

    /// <summary>The call ended before this character, which belongs to what follows.</summary>
    CompleteBefore,

    /// <summary>This is no call.</summary>
    Failed,
}

/// <summary>A call as read, before its arguments are decoded.</summary>
/// <param name="Name">Name of the function.</param>
/// <param name="Id">Id the model gave; null when it gave none.</param>
/// <param name="Arguments">Arguments in the encoding of the syntax; null when they are tagged.</param>
/// <param name="Tagged">Tagged arguments: key, value as written, and type if the marks tell it.</param>
internal sealed record RawCall(string Name, string? Id, string? Arguments, IReadOnlyList<(string Key, string Value, string? Type)> Tagged);

/// <summary>Reads one call, or one JSON value with calls, character by character.</summary>
internal abstract class CallReader
{
    /// <summary>Why the text is no call, once it is known.</summary>
    public string Failure { get; protected set; } = "";

    public abstract CallProgress Push(char c);

    /// <summary>Ends the input; true when what was read is complete.</summary>
    public abstract bool Finish();

    protected CallProgress Fail(string reason)
    {
        Failure = reason;
        return CallProgress.Failed;
    }
}

/// <summary>Reads calls that are JSON: one object, or an array of them.</summary>
internal sealed class JsonCallReader : CallReader
{
    private readonly JsonScanner _scanner = new();

    public string Json => _scanner.Text;

    public bool IsEmpty => _scanner.IsEmpty;

    public override CallProgress Push(char c)
    {
        if (!_scanner.Push(c))
            return Fail("the call is not valid JSON");
        return _scanner.IsComplete ? CallProgress.Complete : CallProgress.More;
    }

    public override bool Finish() => false;
}

/// <summary>Reads calls that are a sequence of pieces between marks.</summary>
internal sealed class PieceCallReader : CallReader
{
    private const int MaxNameLength = 256;

    private readonly ToolSyntax _syntax;
    private readonly StringBuilder _text = new();
    private readonly List<(string, string, string?)> _tagged = [];
    private readonly IReadOnlyList<CallPiece> _pieces;
    private int _piece;
    private Part _part;
    private JsonScanner? _json;
    private string _key = "";
    private string? _type;
    private string _name = "";
    private string? _id;
    private string? _arguments;

    public PieceCallReader(ToolSyntax syntax, int firstPiece)
    {
        _syntax = syntax;
        _pieces = [.. syntax.Call.Where(piece => piece.Kind != CallPieceKind.Literal || piece.Text.Trim().Length > 0)];
        _piece = firstPiece;
    }

    /// <summary>Where inside of tagged arguments the reader is.</summary>
    private enum Part
    {
        Between,
        Key,
        Value,
    }

    public RawCall Call => new(_name, _id, _arguments, _tagged);

    public override CallProgress Push(char c)
    {
        if (_piece >= _pieces.Count)
            return CallProgress.CompleteBefore;
        return _pieces[_piece].Kind switch
        {
            CallPieceKind.Literal => PushLiteral(c),
            CallPieceKind.Arguments when _syntax.Encoding == ArgumentEncoding.Json => PushJson(c),
            CallPieceKind.Arguments => PushUntil(c, value => _arguments = value),
            CallPieceKind.TaggedArguments => PushTagged(c),
            CallPieceKind.FunctionName => PushUntil(c, value => _name = value.Trim(), isName: true),
            CallPieceKind.CallId => PushUntil(c, value => _id = value.Trim(), isName: true),
            _ => PushUntil(c, static _ => { }, isName: true),
        };
    }

    public override bool Finish()
    {
        if (_piece < _pieces.Count && _piece + 1 == _pieces.Count && _pieces[_piece].Kind == CallPieceKind.Arguments
            && _syntax.Encoding != ArgumentEncoding.Json && _text.Length > 0)
        {
            _arguments = _text.ToString();
            return true;
        }
        // A stop token may have taken the place of the last mark.
        return _piece >= _pieces.Count
            || (_piece + 1 == _pieces.Count && _pieces[_piece].Kind == CallPieceKind.Literal
                && _pieces[_piece - 1].Kind == CallPieceKind.Arguments);
    }

    private CallProgress PushLiteral(char c)
    {
        // White space in and around marks varies between models; it is never needed to tell marks apart.
        var literal = WithoutSpace(_pieces[_piece].Text);
        if (char.IsWhiteSpace(c))
            return CallProgress.More;
        _text.Append(c);
        if (literal[_text.Length - 1] != c)
            return Fail($"expected '{literal}', found '{_text}'");
        return _text.Length == literal.Length ? Advance() : CallProgress.More;
    }

    private CallProgress PushJson(char c)
    {
        if (_json is null && char.IsWhiteSpace(c))
            return CallProgress.More;
        if (_json is null && c != '{' && _piece + 1 < _pieces.Count && _pieces[_piece + 1].Text.TrimStart().StartsWith(c))
        {
            // A call without arguments may leave the object out.
            _arguments = "{}";
            return Advance() == CallProgress.More ? Push(c) : CallProgress.CompleteBefore;
        }
        _json ??= new JsonScanner();
        if (!_json.Push(c))
            return Fail("the arguments are not valid JSON");
        if (!_json.IsComplete)
            return CallProgress.More;
        _arguments = _json.Text;
        return Advance();
    }

    /// <summary>Reads up to what ends this piece, and then that too.</summary>
    private CallProgress PushUntil(char c, Action<string> take, bool isName = false)
    {
        _text.Append(c);
        foreach (var (end, steps) in Ends(_piece))
        {
            if (!TryCutEnd(end, out var value))
                continue;
            if (isName && steps > 2)
                value = new string([.. value.TrimStart().TakeWhile(IsNameLetter)]);
            if (isName && (value.Trim().Length == 0 || value.Trim().Any(static letter => !IsNameLetter(letter))))
                return Fail($"'{value.Trim()}' is not a name");
            take(value);
            return Take(end, steps, c);
        }
        return isName && !MayBecomeName() ? Fail($"'{_text.ToString().Trim()}' is not a name") : CallProgress.More;
    }

    /// <summary>Whether what was read is a name, perhaps with white space and the beginning of what ends it behind it.</summary>
    private bool MayBecomeName()
    {
        var text = _text.ToString().TrimStart();
        var length = 0;
        while (length < text.Length && IsNameLetter(text[length]))
            length++;
        var rest = text[length..].TrimStart();
        if (_piece + 1 < _pieces.Count && _pieces[_piece + 1].Kind == CallPieceKind.Filler)
            return text.Length <= MaxNameLength;
        return length <= MaxNameLength && (rest.Length == 0 || Ends(_piece).Any(end => end.End.StartsWith(rest, StringComparison.Ordinal)))
            && (length > 0 || text.Length == 0);
    }

    private static bool IsNameLetter(char c) => char.IsLetterOrDigit(c) || c is '_' or '-' or '.' or ':' or '/' or '$';

    /// <summary>Goes on behind a piece whose end was read: past a literal, or into the piece that begins with the end.</summary>
    private CallProgress Take(string end, int steps, char c)
    {
        var progress = CallProgress.More;
        for (var i = 0; i < steps; i++)
            progress = Advance();
        if (progress == CallProgress.Complete || _piece >= _pieces.Count)
            return progress;
        if (_pieces[_piece].Kind == CallPieceKind.Arguments && end == "{")
            return Push(c);
        if (_pieces[_piece].Kind == CallPieceKind.TaggedArguments && end == _syntax.TaggedArgument!.Start.Trim())
            _part = Part.Key;
        return CallProgress.More;
    }

    /// <summary>The texts that may end a piece, with the number of pieces they end.</summary>
    private IEnumerable<(string End, int Steps)> Ends(int piece)
    {
        if (piece + 1 >= _pieces.Count)
            yield break;
        var next = _pieces[piece + 1];
        switch (next.Kind)
        {
            case CallPieceKind.Literal:
                yield return (next.Text.Trim(), 2);
                break;
            case CallPieceKind.Arguments when _syntax.Encoding is ArgumentEncoding.Json or ArgumentEncoding.BareObject:
                yield return ("{", 1);
                break;
            case CallPieceKind.Filler when piece + 2 < _pieces.Count:
                yield return (_pieces[piece + 2].Text.Trim(), 3);
                break;
            case CallPieceKind.TaggedArguments:
                yield return (_syntax.TaggedArgument!.Start.Trim(), 1);
                if (piece + 2 < _pieces.Count)
                    yield return (_pieces[piece + 2].Text.Trim(), 3);
                break;
        }
    }

    private CallProgress PushTagged(char c)
    {
        var argument = _syntax.TaggedArgument!;
        switch (_part)
        {
            case Part.Between:
                return PushBetween(c, argument);
            case Part.Key:
                _text.Append(c);
                foreach (var (type, end) in KeyEnds(argument))
                {
                    if (!TryCutEnd(end.Trim(), out var key))
                        continue;
                    (_key, _type) = (key.Trim(), type);
                    return Enter(Part.Value);
                }
                return _text.Length > MaxNameLength ? Fail("the name of an argument does not end") : CallProgress.More;
            default:
                _text.Append(c);
                if (!TryCutEnd(argument.End.Trim(), out var value))
                    return CallProgress.More;
                _tagged.Add((_key, Value(value, argument), _type));
                return Enter(Part.Between);
        }
    }

    private CallProgress PushBetween(char c, TaggedArgumentSyntax argument)
    {
        if (char.IsWhiteSpace(c))
            return CallProgress.More;
        _text.Append(c);
        var text = _text.ToString();
        var start = WithoutSpace(argument.Start);
        var end = _piece + 1 < _pieces.Count ? WithoutSpace(_pieces[_piece + 1].Text) : "";
        var separator = WithoutSpace(argument.Separator);
        if (text == start)
            return Enter(Part.Key);
        if (end.Length > 0 && text == end)
        {
            Advance();
            return Advance();
        }
        if (separator.Length > 0 && text == separator)
            return Enter(Part.Between);
        return new[] { start, end, separator }.Any(mark => mark.StartsWith(text, StringComparison.Ordinal))
            ? CallProgress.More
            : Fail($"expected '{start}' or '{end}', found '{text}'");
    }

    private static IEnumerable<(string? Type, string End)> KeyEnds(TaggedArgumentSyntax argument)
    {
        if (argument.TypedKeyEnds.Count == 0)
            return [(null, argument.KeyEnd)];
        var isSameForAll = argument.TypedKeyEnds.Values.Distinct().Count() == 1;
        return argument.TypedKeyEnds
            .Select(pair => (Type: (string?)(isSameForAll ? "json" : pair.Key), End: pair.Value))
            .Prepend(("string", argument.KeyEnd));
    }

    private static string WithoutSpace(string text) => string.Concat(text.Where(static letter => !char.IsWhiteSpace(letter)));

    /// <summary>A value without the white space that belongs to the marks around it.</summary>
    private static string Value(string text, TaggedArgumentSyntax argument)
    {
        var before = argument.KeyEnd[argument.KeyEnd.TrimEnd().Length..];
        var behind = argument.End[..^argument.End.TrimStart().Length];
        if (before.Length > 0 && text.StartsWith(before, StringComparison.Ordinal))
            text = text[before.Length..];
        if (behind.Length > 0 && text.EndsWith(behind, StringComparison.Ordinal))
            text = text[..^behind.Length];
        return text;
    }

    /// <summary>
    /// Whether the text ends with a mark, where white space in the mark stands for any or none; gives the text before it.
    /// </summary>
    private bool TryCutEnd(string end, out string before)
    {
        before = "";
        var (t, e) = (_text.Length, end.Length);
        while (e > 0)
        {
            if (char.IsWhiteSpace(end[e - 1]))
            {
                e--;
                while (t > 0 && char.IsWhiteSpace(_text[t - 1]))
                    t--;
                continue;
            }
            if (t == 0 || _text[t - 1] != end[e - 1])
                return false;
            t--;
            e--;
        }
        before = _text.ToString(0, t);
        return end.Length > 0;
    }

    private CallProgress Enter(Part part)
    {
        _part = part;
        _text.Clear();
        return CallProgress.More;
    }

    private CallProgress Advance()
    {
        _piece++;
        _part = Part.Between;
        _text.Clear();
        return _piece >= _pieces.Count ? CallProgress.Complete : CallProgress.More;
    }
}

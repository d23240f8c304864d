using System.Text;
using Microsoft.Extensions.AI;

namespace AgentKit.Models.Chat;

/// <summary>
/// Turns generated text, in pieces of any size, into text, reasoning and tool calls. Never fails on what a model writes: what looks like
/// a call but is
/// none comes back as text, with a <see cref="ParseDiagnostic"/>. Holds back only what may be the beginning of a mark, a call, or white
/// space before one.
/// One parser reads one message; it is not safe for use by several threads at once.
/// </summary>
public sealed class ChatOutputParser
{
    private readonly ToolSyntax _syntax;
    private readonly ParserMarkers _markers;
    private readonly CallDecoder _decoder;
    private readonly OutputBuffer _output = new();
    private readonly List<ParseDiagnostic> _diagnostics = [];
    private readonly Stack<char> _input = new();
    private readonly StringBuilder _raw = new();
    private State _state;
    private MarkerScanner _scanner;
    private CallReader? _reader;
    private int _rawMark;
    private bool _afterCall;

    internal ChatOutputParser(ToolSyntax syntax, IEnumerable<AITool>? tools, string callIdSeed, string prefill)
    {
        _syntax = syntax;
        _markers = new ParserMarkers(syntax);
        _decoder = new CallDecoder(syntax, tools, callIdSeed);
        _scanner = TextScanner();
        if (syntax.ContentStart.Length > 0 && string.IsNullOrWhiteSpace(syntax.ContentStart))
            _output.DropSpace();
        Prefill(prefill);
    }

    private enum State
    {
        Text,
        Reasoning,
        Call,
    }

    /// <summary>Output that looked like a call but was none, so far.</summary>
    public IReadOnlyList<ParseDiagnostic> Diagnostics => _diagnostics;

    /// <summary>Takes the next piece of generated text.</summary>
    /// <returns>
    /// What became certain: <see cref="TextContent"/>, <see cref="TextReasoningContent"/>, and <see cref="FunctionCallContent"/> for
    /// every call that is complete.
    /// </returns>
    public IReadOnlyList<AIContent> Push(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Read(text);
        return _output.Take();
    }

    /// <summary>Ends the message and returns what was held back. A call that is cut off comes back as text with a diagnostic.</summary>
    public IReadOnlyList<AIContent> Finish()
    {
        // A failed call is read again as text, which may open another one: until nothing is held.
        while (_state == State.Call)
            FinishCall();
        if (_scanner.Finish(out var rest) is { } marker)
        {
            OnMarker(marker, _scanner.Matched);
            Read(rest);
            return Finish();
        }
        _output.Append(rest, _state == State.Reasoning);
        _output.End(dropSpace: _afterCall || _state == State.Reasoning);
        return _output.Take();
    }

    /// <summary>Reads what the prompt already wrote of this message, such as an opened reasoning block.</summary>
    private void Prefill(string text)
    {
        if (text.Length == 0)
            return;
        Read(text);
        _output.Take();
        _output.DropSpace();
    }

    private void Read(string text)
    {
        foreach (var c in text)
        {
            _input.Push(c);
            while (_input.TryPop(out var next))
                Step(next);
        }
    }

    private void Step(char c)
    {
        if (_state == State.Call)
        {
            StepCall(c);
            return;
        }
        if (c == '{' && _state == State.Text && _scanner.Held.Length == 0 && MayBeBareCall())
        {
            BeginCall("", new JsonCallReader());
            StepCall(c);
            return;
        }
        var scanner = _scanner;
        var marker = scanner.Push(c, out var free, out var behind);
        Append(free);
        Again(behind);
        if (marker is not null)
            OnMarker(marker, scanner.Matched);
    }

    /// <summary>
    /// Whether JSON at this place may be a call: at the start where calls have no marks, and behind a call where the next needs none.
    /// </summary>
    private bool MayBeBareCall() =>
        (_markers.IsBare && _decoder.HasTools && (_output.IsAtStart || _afterCall)) || (_markers.FollowsDirectly && _afterCall);

    private void Append(string text)
    {
        if (text.Length == 0)
            return;
        var wasAfterCall = _afterCall;
        _output.Append(text, _state == State.Reasoning);
        if (wasAfterCall && !string.IsNullOrWhiteSpace(text))
        {
            _afterCall = false;
            _scanner = TextScanner(_scanner.Held);
        }
    }

    private void OnMarker(string marker, string written)
    {
        if (_state == State.Reasoning || marker == _markers.ReasoningEnd)
        {
            _output.DropSpace();
            Enter(State.Text);
        }
        else if (marker == _markers.ReasoningStart)
        {
            _output.DropSpace();
            Enter(State.Reasoning);
        }
        else if (marker == _markers.Section)
        {
            BeginCall(written, NewReader(firstPiece: 0));
        }
        else if (marker == _markers.Call)
        {
            BeginCall(written, NewReader(firstPiece: 1));
        }
        else if (!_afterCall)
        {
            _output.DropLeadingSpace();
        }
    }

    private CallReader NewReader(int firstPiece)
    {
        if (_syntax.Encoding == ArgumentEncoding.Python && _syntax.Style != ToolCallStyle.TagWithTaggedArguments)
            return new TextCallReader(_syntax.SectionEnd.Trim());
        if (_syntax.Style != ToolCallStyle.JsonNative)
            return new PieceCallReader(_syntax, firstPiece);
        return firstPiece == 0 && _markers.Call.Length > 0 ? new MarkedJsonCallReader(_markers.Call) : new JsonCallReader();
    }

    private void BeginCall(string marker, CallReader reader)
    {
        _state = State.Call;
        _reader = reader;
        _raw.Append(marker);
        _rawMark = Math.Max(1, marker.Length);
    }

    private void StepCall(char c)
    {
        if (_reader is JsonCallReader { IsEmpty: true } && char.IsWhiteSpace(c))
        {
            _raw.Append(c);
            return;
        }
        _raw.Append(c);
        switch (_reader!.Push(c))
        {
            case CallProgress.Complete:
                EndCall("");
                break;
            case CallProgress.CompleteBefore:
                _raw.Length--;
                EndCall(c.ToString());
                break;
            case CallProgress.Failed:
                FailCall(_reader.Failure);
                break;
        }
    }

    private void EndCall(string behind)
    {
        if (!_decoder.TryDecode(_reader!, requireKnownTool: _markers.IsBare, out var calls, out var reason))
        {
            FailCall(reason);
            Again(behind);
            return;
        }
        _output.DropSpace();
        foreach (var call in calls)
            _output.Add(call);
        _raw.Clear();
        _afterCall = true;
        Enter(State.Text);
        Again(behind);
    }

    private void FinishCall()
    {
        if (_reader!.Finish())
            EndCall("");
        else
            FailCall("the call is cut off");
        ReadPending();
    }

    /// <summary>
    /// Gives what was read as text: the mark as it is, the rest to be read again, because it may hold a call that is whole.
    /// </summary>
    private void FailCall(string reason)
    {
        var raw = _raw.ToString();
        _diagnostics.Add(new ParseDiagnostic(reason, raw));
        _raw.Clear();
        Enter(State.Text);
        _output.Append(raw[..Math.Min(_rawMark, raw.Length)], isReasoning: false);
        _afterCall = false;
        _scanner = TextScanner();
        Again(raw[Math.Min(_rawMark, raw.Length)..]);
    }

    private void ReadPending()
    {
        while (_input.TryPop(out var next))
            Step(next);
    }

    private void Enter(State state)
    {
        _state = state;
        _scanner = state == State.Reasoning ? new MarkerScanner([_markers.ReasoningEnd]) : TextScanner();
    }

    private MarkerScanner TextScanner(string held = "")
    {
        Again(held);
        return new MarkerScanner(_markers.InText(_afterCall));
    }

    /// <summary>Puts text in front of the input.</summary>
    private void Again(string text)
    {
        for (var i = text.Length - 1; i >= 0; i--)
            _input.Push(text[i]);
    }
}

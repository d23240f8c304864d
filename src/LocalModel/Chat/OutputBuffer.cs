using System.Text;
using Microsoft.Extensions.AI;

namespace AgentKit.Models.Chat;

/// <summary>
/// Collects contents and joins neighbouring text. White space is held back until something follows it, because before and behind marks it
/// belongs to
/// the marks.
/// </summary>
internal sealed class OutputBuffer
{
    private readonly List<AIContent> _contents = [];
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _space = new();
    private bool _isReasoning;
    private bool _dropsLeading;

    /// <summary>Whether nothing but white space was written.</summary>
    public bool IsAtStart { get; private set; } = true;

    public void Append(string text, bool isReasoning)
    {
        foreach (var c in text)
        {
            if (char.IsWhiteSpace(c))
            {
                if (!_dropsLeading)
                    _space.Append(c);
                continue;
            }
            if (isReasoning != _isReasoning)
                Flush();
            _isReasoning = isReasoning;
            _text.Append(_space).Append(c);
            _space.Clear();
            (_dropsLeading, IsAtStart) = (false, false);
        }
    }

    public void Add(AIContent content)
    {
        Flush();
        _contents.Add(content);
    }

    /// <summary>Drops the white space that is held, and what follows until something else does.</summary>
    public void DropSpace()
    {
        _space.Clear();
        _dropsLeading = true;
    }

    /// <summary>Drops white space behind a mark that opens the answer, but not behind one in its middle.</summary>
    public void DropLeadingSpace()
    {
        if (IsAtStart || _dropsLeading)
            DropSpace();
    }

    /// <summary>Writes or drops the white space at the end of the message.</summary>
    public void End(bool dropSpace)
    {
        if (!dropSpace)
            _text.Append(_space);
        _space.Clear();
    }

    /// <summary>What was collected since the last call.</summary>
    public IReadOnlyList<AIContent> Take()
    {
        Flush();
        AIContent[] taken = [.. _contents];
        _contents.Clear();
        return taken;
    }

    private void Flush()
    {
        if (_text.Length == 0)
            return;
        _contents.Add(_isReasoning ? new TextReasoningContent(_text.ToString()) : new TextContent(_text.ToString()));
        _text.Clear();
    }
}

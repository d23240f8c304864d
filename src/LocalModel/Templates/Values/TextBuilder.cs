using System.Text;

namespace AgentKit.Models.Templates.Values;

/// <summary>Builds a <see cref="TemplateText"/> from pieces, keeping their origin.</summary>
internal sealed class TextBuilder
{
    private readonly StringBuilder _text = new();
    private readonly List<TextSpan> _data = [];

    public int Length => _text.Length;

    public TextBuilder Append(TemplateText piece)
    {
        Charge(piece.Value.Length);
        foreach (var span in piece.Data)
            AddSpan(_text.Length + span.Start, _text.Length + span.End);
        _text.Append(piece.Value);
        return this;
    }

    /// <summary>Appends text the template wrote.</summary>
    public TextBuilder Append(string templateText)
    {
        Charge(templateText.Length);
        _text.Append(templateText);
        return this;
    }

    public TemplateText ToText() => _text.Length == 0 ? TemplateText.Empty : new TemplateText(_text.ToString(), [.. _data]);

    private void Charge(int added)
    {
        RenderBudget.CheckLength(_text.Length + (long)added);
        RenderBudget.ChargeText(added);
    }

    private void AddSpan(int start, int end)
    {
        if (_data.Count > 0 && _data[^1].End == start)
            _data[^1] = new TextSpan(_data[^1].Start, end);
        else
            _data.Add(new TextSpan(start, end));
    }
}

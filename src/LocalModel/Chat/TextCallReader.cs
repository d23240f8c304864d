using System.Text;

namespace AgentKit.Models.Chat;

/// <summary>Reads everything up to the mark that ends the section; the text is understood as a whole.</summary>
internal sealed class TextCallReader(string end) : CallReader
{
    private readonly StringBuilder _text = new();

    public string Text => _text.ToString();

    public override CallProgress Push(char c)
    {
        _text.Append(c);
        if (end.Length == 0 || _text.Length < end.Length || c != end[^1] || _text.ToString(_text.Length - end.Length, end.Length) != end)
            return CallProgress.More;
        _text.Length -= end.Length;
        return CallProgress.Complete;
    }

    public override bool Finish() => end.Length == 0;
}

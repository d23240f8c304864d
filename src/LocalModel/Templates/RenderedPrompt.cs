namespace AgentKit.Models.Templates;

/// <summary>
/// A conversation as the model expects to read it. A control token may be recognised only where all of its characters lie in segments the
/// template
/// wrote; concatenating the segments gives <see cref="Text"/>.
/// </summary>
public sealed class RenderedPrompt
{
    internal RenderedPrompt(string text, IReadOnlyList<PromptSegment> segments)
    {
        Text = text;
        Segments = segments;
    }

    /// <summary>The whole prompt.</summary>
    public string Text { get; }

    /// <summary>The prompt cut where the origin of the text changes, in order.</summary>
    public IReadOnlyList<PromptSegment> Segments { get; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

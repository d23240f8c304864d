using System.Text.Json;

namespace AgentKit.Kernel.Tools;

/// <summary>What a tool returns when programs need more of its result than the model: the model reads the text, the journal keeps both.</summary>
/// <param name="Text">What the model reads.</param>
/// <param name="Data">What programs read: journaled with the call, never shown to the model.</param>
public sealed record ToolOutput(string Text, JsonElement Data)
{
    /// <summary>The text.</summary>
    public override string ToString() => Text;
}

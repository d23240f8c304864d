namespace AgentKit.Eval.Text;

/// <summary>One step of rewriting a hypothesis into a reference.</summary>
internal enum EditOperation : byte
{
    Keep,
    Substitute,

    /// <summary>A word of the reference that the hypothesis lacks.</summary>
    Insert,

    /// <summary>A word of the hypothesis too much.</summary>
    Delete,
}

namespace AgentKit.Tools.BuiltIn.Facts;

/// <summary>A fact that was remembered.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Text">The fact in words.</param>
public sealed record StoredFact(string Id, string Text);

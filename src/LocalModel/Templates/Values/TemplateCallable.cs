namespace AgentKit.Models.Templates.Values;

/// <summary>A macro, a global function, or a method bound to its object.</summary>
/// <param name="Name">Name for error messages.</param>
/// <param name="Invoke">The body.</param>
internal sealed record TemplateCallable(string Name, Func<CallArguments, object?> Invoke);

using System.Runtime.CompilerServices;
using AgentKit.Models;

namespace AgentKit.Testing;

/// <summary>The model in models/, and whether it can be run here.</summary>
public static class ShippedModel
{
    public static string Path { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(SourceFolder(), "..", "..", "models", "nano.gguf"));

    /// <summary>Why tests of native code cannot run; <c>null</c> when they can.</summary>
    public static string? SkipReason { get; } = NativeRuntime.Probe().Fault is { } fault ? $"llama.cpp is not available here: {fault}" : null;

    private static string SourceFolder([CallerFilePath] string file = "") => System.IO.Path.GetDirectoryName(file)!;
}

using System.CommandLine;

namespace AgentKit.Cli.Train;

/// <summary>The options of commands that put an adapter to a model.</summary>
internal static class AdapterOptions
{
    public static Option<bool> OtherBase { get; } = new("--other-base")
    {
        Description = "Take an adapter that was trained on another file of the same shape, such as a quantized copy of this model.",
    };
}

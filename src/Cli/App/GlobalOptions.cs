using System.CommandLine;

namespace AgentKit.Cli.App;

/// <summary>The options every command takes.</summary>
internal sealed class GlobalOptions
{
    public Option<string> Model { get; } = new("--model", "-m")
    {
        Description = "A .gguf file, or the name of a model: 'nano' (shipped) or one in <data>/models.",
        HelpName = "path|name",
        DefaultValueFactory = _ => "nano",
        Recursive = true,
    };

    public Option<string?> Data { get; } = new("--data")
    {
        Description = "Directory for journal, models and other state. [default: $AGENTKIT_HOME, else ~/.agentkit]",
        HelpName = "dir",
        Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Print exactly one JSON document on standard output and nothing else there.",
        Recursive = true,
    };

    public Option<bool> Quiet { get; } = new("--quiet")
    {
        Description = "No progress; only results and errors.",
        Recursive = true,
    };

    public Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "Show logs, and stack traces of unexpected errors.",
        Recursive = true,
    };

    public Option<string?> Otlp { get; } = new("--otlp")
    {
        Description = "Send spans and metrics to an OpenTelemetry collector: OTLP over HTTP, or over gRPC when the port is 4317.",
        HelpName = "url",
        Recursive = true,
    };

    public void AddTo(Command root)
    {
        foreach (Option option in (ReadOnlySpan<Option>)[Model, Data, Json, Quiet, Verbose, Otlp]) root.Options.Add(option);
    }
}

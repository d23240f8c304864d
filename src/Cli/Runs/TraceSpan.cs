using System.Text.Json.Nodes;
using AgentKit.Kernel.Runs;

namespace AgentKit.Cli.Runs;

/// <summary>One row of a run's timeline.</summary>
/// <param name="Depth">How deep it lies: 0 for the run, 1 for its calls, more for runs that a call made.</param>
/// <param name="Name">What it is, named as its OpenTelemetry span is.</param>
/// <param name="StartMs">When it began, in milliseconds after the run.</param>
/// <param name="Ms">How long it took; 0 for what takes no time, <c>null</c> when no end is recorded.</param>
internal sealed record TraceSpan(int Depth, string Name, double StartMs, double? Ms)
{
    /// <summary>Tokens it used.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>What else is to be said.</summary>
    public string? Note { get; init; }

    /// <summary>Whether it failed.</summary>
    public bool Failed { get; init; }

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["depth"] = Depth, ["name"] = Name, ["start_ms"] = Math.Round(StartMs, 3), ["ms"] = Ms is { } ms ? Math.Round(ms, 3) : null,
            ["failed"] = Failed,
        };
        if (Note is not null) json["note"] = Note;
        if (Usage is { } usage)
        {
            json["usage"] = new JsonObject
            {
                ["input_tokens"] = usage.InputTokens, ["cached_tokens"] = usage.CachedTokens, ["output_tokens"] = usage.OutputTokens,
            };
        }

        return json;
    }
}

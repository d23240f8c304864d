using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentKit.Kernel.Runs;

/// <summary>One step of a run: a model call or a tool call.</summary>
/// <param name="N">1-based number of the step in its run.</param>
/// <param name="Kind">Model or tool.</param>
/// <param name="CallId">A tool step's call id.</param>
/// <param name="Name">A tool step's tool.</param>
/// <param name="Arguments">A tool step's arguments; <c>null</c> when the model's text was not a JSON object.</param>
/// <param name="Result">The model's text, or what the tool returned.</param>
/// <param name="Error">What the model was told when a tool step failed, or that the outcome of a tool step is unknown.</param>
/// <param name="Ms">Wall time in milliseconds; <c>null</c> when no end is recorded.</param>
/// <param name="OutcomeUnknown">The run has stopped between the start and the end of a tool: it may or may not have taken effect.</param>
/// <param name="Waits">Somebody has to decide before the step can go on.</param>
public sealed record RunStep(
    int N,
    RunStepKind Kind,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CallId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Arguments,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Result,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Ms,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool OutcomeUnknown = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Waits = false)
{
    /// <summary>Tokens of a model step.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TokenUsage? Usage { get; init; }

    /// <summary>What a tool step returned for programs beside its text; not part of the run as JSON.</summary>
    [JsonIgnore]
    public JsonElement? Data { get; init; }
}

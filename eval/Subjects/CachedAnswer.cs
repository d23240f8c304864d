using System.Text.Json.Serialization;

namespace AgentKit.Eval.Subjects;

/// <summary>A line of a cache: what a subject answered.</summary>
/// <param name="Key">Of the request and all before it in its sample.</param>
internal sealed record CachedAnswer(string Key)
{
    /// <summary>Of a request to score.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ContinuationScore>? Scores { get; init; }

    /// <summary>Of a request to write.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SubjectReply? Reply { get; init; }
}

using System.Text.Json.Serialization;

namespace AgentKit.Kernel.Runs;

/// <summary>How a part of the history is shortened for the model.</summary>
public enum CompactionKind
{
    /// <summary>A section is left out.</summary>
    [JsonStringEnumMemberName("section")]
    Section,

    /// <summary>Long tool results are cut to a number of characters, with a note of how much is missing.</summary>
    [JsonStringEnumMemberName("capped_results")]
    CappedResults,

    /// <summary>Tool results are replaced by a note of what was there.</summary>
    [JsonStringEnumMemberName("dropped_results")]
    DroppedResults,

    /// <summary>Steps are replaced by a summary.</summary>
    [JsonStringEnumMemberName("summary")]
    Summary,

    /// <summary>Steps are left out, with a note of how many.</summary>
    [JsonStringEnumMemberName("window")]
    Window,
}

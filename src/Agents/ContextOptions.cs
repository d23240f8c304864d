using AgentKit.Kernel;
using AgentKit.Kernel.Runs;

namespace AgentKit.Agents;

/// <summary>What an agent's context is made of, how long it may get, and what is shortened when it gets longer.</summary>
/// <remarks>
/// Instructions and task are never shortened, and neither are the latest rounds. Every compaction is an event of the run; the full
/// history stays in the journal.
/// </remarks>
public sealed record ContextOptions
{
    /// <summary>Texts beside task and history. Names must be different.</summary>
    /// <value>None.</value>
    public IReadOnlyList<ContextSection> Sections { get; init; } = [];

    /// <summary>Tokens the prompt may take. 64 to 16,777,216.</summary>
    /// <value>The model's context less <see cref="AnswerReserve"/>; no limit when the model does not say.</value>
    public int? MaxTokens
    {
        get;
        init => field = value is null or >= 64 and <= 1 << 24
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxTokens), value, "64..16777216");
    }

    /// <summary>Tokens kept free for the answer. 1 to 1,048,576.</summary>
    /// <value>A quarter of the model's context, at most 1024.</value>
    public int? AnswerReserve
    {
        get;
        init => field = value is null or >= 1 and <= 1 << 20
            ? value
            : throw new ArgumentOutOfRangeException(nameof(AnswerReserve), value, "1..1048576");
    }

    /// <summary>Counts tokens.</summary>
    /// <value>The model's own counter, if it offers one.</value>
    public ITokenCounter? Counter { get; init; }

    /// <summary>What may be done, in the order in which it is tried. <see cref="CompactionKind.Summary"/> costs a model call.</summary>
    /// <value>Sections of negative priority, long results, all results, steps; no summary.</value>
    public IReadOnlyList<CompactionKind> Compaction { get; init; } =
        [CompactionKind.Section, CompactionKind.CappedResults, CompactionKind.DroppedResults, CompactionKind.Window];

    /// <summary>Characters kept of a tool result by <see cref="CompactionKind.CappedResults"/>. 16 to 1,048,576.</summary>
    /// <value>1000</value>
    public int ResultCap { get; init => field = InRange(value, 16, 1 << 20, nameof(ResultCap)); } = 1000;

    /// <summary>As <see cref="ResultCap"/>, for the results of certain tools, by name. Each 16 to 1,048,576.</summary>
    /// <value>None.</value>
    public IReadOnlyDictionary<string, int> ToolResultCaps
    {
        get;
        init => field = value.ToDictionary(cap => cap.Key, cap => InRange(cap.Value, 16, 1 << 20, nameof(ToolResultCaps)), StringComparer.Ordinal);
    } = new Dictionary<string, int>();

    /// <summary>How many of the latest rounds, a reply with its tool calls each, are never dropped or summarized. 1 to 1000.</summary>
    /// <value>2</value>
    public int KeepRounds { get; init => field = InRange(value, 1, 1000, nameof(KeepRounds)); } = 2;

    private static int InRange(int value, int low, int high, string name) =>
        value >= low && value <= high ? value : throw new ArgumentOutOfRangeException(name, value, $"{low}..{high}");
}

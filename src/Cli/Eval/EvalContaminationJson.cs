using AgentKit.Eval.Contamination;

namespace AgentKit.Cli.Eval;

/// <summary>The document of <c>eval contamination --json</c>.</summary>
internal sealed record EvalContaminationJson(
    string Task,
    int Version,
    int Words,
    int Samples,
    int Contaminated,
    int Documents,
    IReadOnlyList<ContaminatedSample> Found);

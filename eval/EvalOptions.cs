using AgentKit.Eval.Subjects;
using AgentKit.Kernel.Errors;

namespace AgentKit.Eval;

/// <summary>How tasks are run.</summary>
public sealed record EvalOptions
{
    /// <summary>Only so many samples of each task, the first ones.</summary>
    /// <value>1 or more; default: all.</value>
    public int? Limit
    {
        get;
        init => field = value is null or >= 1 ? value : throw Wrong(nameof(Limit), value, "1 or more");
    }

    /// <summary>Worked examples before each question, drawn as lm-evaluation-harness draws them.</summary>
    /// <value>0 to 100; default: the task's own number.</value>
    public int? Shots
    {
        get;
        init => field = value is null or (>= 0 and <= 100) ? value : throw Wrong(nameof(Shots), value, "0 to 100");
    }

    /// <summary>Seed of the examples, and of bootstrap intervals.</summary>
    /// <value>Default 1234.</value>
    public uint Seed { get; init; } = 1234;

    /// <summary>Which part of the samples to run, counted from 1: several machines share a task.</summary>
    /// <value>Default 1.</value>
    public int Shard { get; init; } = 1;

    /// <summary>Into how many parts the samples are dealt out, one by one.</summary>
    /// <value>1 or more; default 1.</value>
    public int Shards
    {
        get;
        init => field = value >= 1 ? value : throw Wrong(nameof(Shards), value, "1 or more");
    } = 1;

    /// <summary>Attempts at each sample of tasks that count attempts (pass@k).</summary>
    /// <value>1 to 1,000; default 1.</value>
    public int Attempts
    {
        get;
        init => field = value is >= 1 and <= 1000 ? value : throw Wrong(nameof(Attempts), value, "1 to 1,000");
    } = 1;

    /// <summary>
    /// Samples at the same time. With 1 the numbers do not depend on what ran before, nor on where a run was interrupted.
    /// </summary>
    /// <value>1 to 256; default 1.</value>
    public int Parallel
    {
        get;
        init => field = value is >= 1 and <= 256 ? value : throw Wrong(nameof(Parallel), value, "1 to 256");
    } = 1;

    /// <summary>
    /// Where several samples are computed at the same time: how many of each task are computed again alone, so that the difference can be told.
    /// </summary>
    /// <value>0 (none) or more; default 16.</value>
    public int ComparedSamples
    {
        get;
        init => field = value >= 0 ? value : throw Wrong(nameof(ComparedSamples), value, "0 or more");
    } = 16;

    /// <summary>Whether to go on with the run that the folder holds; samples that failed are tried again.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether programs that models write may be run, in a sandbox.</summary>
    public bool RunCode { get; init; }

    /// <summary>The second model that judges answers, for tasks that need one.</summary>
    public EvalJudge? Judge { get; init; }

    /// <summary>Pairs of LLMBar that the judge is asked about first.</summary>
    /// <value>0 (none) or more; default 40.</value>
    public int CalibrationPairs
    {
        get;
        init => field = value >= 0 ? value : throw Wrong(nameof(CalibrationPairs), value, "0 or more");
    } = 40;

    /// <summary>Another model's answers by sample id, one for each turn, which the judge compares with.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Against { get; init; }

    private static UserInputException Wrong(string name, object? value, string allowed) =>
        new(name, $"{name} is {value}; {allowed} is allowed.");
}

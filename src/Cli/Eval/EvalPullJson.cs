namespace AgentKit.Cli.Eval;

/// <summary>The document of <c>eval pull --json</c>.</summary>
internal sealed record EvalPullJson(IReadOnlyList<string> Tasks, string Datasets, IReadOnlyList<EvalPullJson.Item> Files, double Seconds)
{
    /// <summary>A file that is on the disk now and has the declared SHA-256.</summary>
    internal sealed record Item(string File, string Repository, string Licence, long Bytes, string Sha256, long ResumedFrom, bool AlreadyThere);
}

using AgentKit.Eval;
using AgentKit.Eval.Runs;
using AgentKit.Eval.Subjects;
using AgentKit.Eval.Tasks;
using AgentKit.Testing;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Eval;

public sealed class BatchingTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RunAsync_SubjectThatBatches_ReportsHowFarNumbersMoved()
    {
        EvalResult result = await RunAsync(new MovedSubject(0.25), 2);
        BatchingDifference difference = result.Tasks[0].Batching!;
        Assert.Equal(2, difference.Samples);
        Assert.Equal(0.25, difference.LargestLogProbability!.Value, 9);
        Assert.Contains("2 samples computed together and alone", File.ReadAllText(Report()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_WrittenAnswers_AreReadBackWithoutLogProbabilities()
    {
        await new EvalRun(new MovedSubject(0.25), new() { Shots = 0 }).RunAsync([TaskCatalog.Find("gsm8k")], TaskData.Samples, _folder["run"]);
        BatchingDifference difference = RunFolder.Load(_folder["run"]).Result.Tasks[0].Batching!;
        Assert.Equal((4, 0, null), (difference.Samples, difference.Changed, difference.LargestLogProbability));
    }

    [Fact]
    public async Task RunAsync_SubjectThatDoesNotBatch_HasNothingToReport() => Assert.Null((await RunAsync(new ScriptedSubject(), 16)).Tasks[0].Batching);

    private Task<EvalResult> RunAsync(IEvalSubject subject, int compared) =>
        new EvalRun(subject, new() { Parallel = 2, ComparedSamples = compared }).RunAsync([TaskCatalog.Find("arc_easy")], TaskData.Samples, _folder["run"]);

    private string Report()
    {
        AgentKit.Eval.Report.RunReport.Write(_folder["run"]);
        return _folder["run/report.md"];
    }

    /// <summary>Log-probabilities are a constant off when samples share batches.</summary>
    private sealed class MovedSubject(double by) : IEvalSubject
    {
        private readonly ScriptedSubject _alone = new();

        public string Signature => _alone.Signature;

        public bool IsChat => false;

        public IEmbeddingGenerator<string, Embedding<float>>? Embeddings => null;

        public IEvalSubject? Alone => _alone;

        public async Task<IReadOnlyList<ContinuationScore>> ScoreAsync(IReadOnlyList<ScoreRequest> requests, CancellationToken cancellationToken = default) =>
        [
            .. (await _alone.ScoreAsync(requests, cancellationToken))
                .Select(score => score with { LogProbabilities = [.. score.LogProbabilities.Select(log => log - by)] })
        ];

        public Task<SubjectReply> GenerateAsync(GenerateRequest request, CancellationToken cancellationToken = default) =>
            _alone.GenerateAsync(request, cancellationToken);

        public Task ResetAsync() => Task.CompletedTask;
    }
}

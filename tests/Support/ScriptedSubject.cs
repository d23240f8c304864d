using AgentKit.Eval.Subjects;
using Microsoft.Extensions.AI;

namespace AgentKit.Testing;

/// <summary>A subject that answers as the test says and remembers what it was asked.</summary>
public sealed class ScriptedSubject : IEvalSubject
{
    private readonly Lock _gate = new();
    private readonly List<ScoreRequest> _scored = [];
    private readonly List<GenerateRequest> _generated = [];

    public Func<ScoreRequest, ContinuationScore> Score { get; init; } = request => Likely(request);

    public Func<GenerateRequest, SubjectReply> Reply { get; init; } = request => new(request.Prompt.Text);

    public string Signature { get; init; } = "model:scripted";

    public bool IsChat { get; init; }

    public IEmbeddingGenerator<string, Embedding<float>>? Embeddings => null;

    public IReadOnlyList<ScoreRequest> Scored
    {
        get { lock (_gate) return [.. _scored]; }
    }

    public IReadOnlyList<GenerateRequest> Generated
    {
        get { lock (_gate) return [.. _generated]; }
    }

    public Task<IReadOnlyList<ContinuationScore>> ScoreAsync(IReadOnlyList<ScoreRequest> requests, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate) _scored.AddRange(requests);
        return Task.FromResult<IReadOnlyList<ContinuationScore>>([.. requests.Select(Score)]);
    }

    public Task<SubjectReply> GenerateAsync(GenerateRequest request, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate) _generated.Add(request);
        return Task.FromResult(Reply(request));
    }

    public Task ResetAsync() => Task.CompletedTask;

    /// <summary>Some log-probabilities that depend on the texts alone.</summary>
    public static ContinuationScore Likely(ScoreRequest request)
    {
        int seed = request.Prompt.Text.Concat(request.Continuation).Aggregate(17, (hash, c) => unchecked(hash * 31 + c)) & int.MaxValue;
        var random = new Random(seed);
        return new([.. request.Continuation.Split(' ').Select(_ => Math.Log(random.NextDouble() + 1e-9))], random.Next(2) == 0);
    }
}

using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Subjects;

/// <summary>The model under test. Implementations are safe for concurrent use.</summary>
public interface IEvalSubject
{
    /// <summary>All about the model that a score depends on, as <c>key:value</c> joined by bars.</summary>
    string Signature { get; }

    /// <summary>Whether prompts are conversations that go through a chat template; else they are running text.</summary>
    bool IsChat { get; }

    /// <summary>Makes vectors of texts; <c>null</c> when the subject cannot.</summary>
    IEmbeddingGenerator<string, Embedding<float>>? Embeddings { get; }

    /// <summary>The same model, computing every request alone; <c>null</c> when this subject does already, or does not compute.</summary>
    IEvalSubject? Alone => null;

    /// <summary>
    /// Scores continuations. Requests of one call belong to one sample and often share their beginning, which is computed once.
    /// </summary>
    /// <param name="requests">What to score.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>One score for each request, in their order.</returns>
    Task<IReadOnlyList<ContinuationScore>> ScoreAsync(IReadOnlyList<ScoreRequest> requests, CancellationToken cancellationToken = default);

    /// <summary>Lets the model write.</summary>
    /// <param name="request">The prompt and how to go on from it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<SubjectReply> GenerateAsync(GenerateRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Makes the next sample's numbers independent of the samples before it. Does nothing where samples run at the same time.
    /// </summary>
    Task ResetAsync();
}

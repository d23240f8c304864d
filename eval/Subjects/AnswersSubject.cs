using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Subjects;

/// <summary>Answers that were written before, by whatever system: they are only graded.</summary>
public sealed class AnswersSubject : IEvalSubject
{
    private readonly IReadOnlyDictionary<string, IReadOnlyList<string>> _answers;

    /// <summary>Grades stored answers.</summary>
    /// <param name="name">Where they come from, for the signature, which also holds a hash over all answers.</param>
    /// <param name="answers">By sample id; several for tasks that count attempts (pass@k).</param>
    public AnswersSubject(string name, IReadOnlyDictionary<string, IReadOnlyList<string>> answers)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(answers);
        _answers = answers;
        Signature = $"answers:{name}|sha256:{Hash(answers)}";
    }

    /// <inheritdoc/>
    public string Signature { get; }

    /// <inheritdoc/>
    public bool IsChat => true;

    /// <inheritdoc/>
    public IEmbeddingGenerator<string, Embedding<float>>? Embeddings => null;

    /// <summary>How many answers there are for a sample.</summary>
    public int CountOf(string sampleId) => _answers.TryGetValue(sampleId, out IReadOnlyList<string>? answers) ? answers.Count : 0;

    /// <inheritdoc/>
    /// <exception cref="UserInputException">Always: probabilities need a model.</exception>
    public Task<IReadOnlyList<ContinuationScore>> ScoreAsync(
        IReadOnlyList<ScoreRequest> requests, CancellationToken cancellationToken = default) =>
        throw new UserInputException("answers", "The task asks how likely a model finds its choices; stored answers cannot tell.");

    /// <inheritdoc/>
    /// <exception cref="UserInputException">There is no answer for the sample.</exception>
    public Task<SubjectReply> GenerateAsync(GenerateRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        (string id, int attempt) = Attempt.Parse(request.SampleId);
        return attempt < CountOf(id)
            ? Task.FromResult(new SubjectReply(_answers[id][attempt]))
            : throw new UserInputException("answers", $"There is no answer for sample {request.SampleId}.");
    }

    /// <inheritdoc/>
    public Task ResetAsync() => Task.CompletedTask;

    // In an order of its own: a file whose lines were only moved holds the same answers.
    private static string Hash(IReadOnlyDictionary<string, IReadOnlyList<string>> answers)
    {
        string all = JsonSerializer.Serialize(answers.OrderBy(pair => pair.Key, StringComparer.Ordinal), EvalJson.Compact);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)))[..12];
    }
}

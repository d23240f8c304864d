using System.Globalization;
using System.Text.Json;
using AgentKit.Eval.Retrieval;
using AgentKit.Eval.Subjects;
using AgentKit.Kernel.Errors;

namespace AgentKit.Eval.Tasks.Retrieval;

/// <summary>
/// Finds documents for queries, in BEIR's shape (Thakur et al. 2021): <c>corpus.jsonl</c>, <c>queries.jsonl</c>, <c>qrels.tsv</c>. The
/// documents are ranked by the subject's embeddings, or by BM25, which a retriever has to beat.
/// </summary>
public sealed class RetrievalTask : EvalTask
{
    private const int Depth = 100;

    private readonly SemaphoreSlim _indexing = new(1, 1);
    private IReadOnlyList<(string Id, string Text)> _documents = [];
    private EmbeddingIndex? _index;
    private Bm25? _words;

    internal RetrievalTask(TaskDefinition definition)
        : base(definition)
    {
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TaskMetric> Metrics { get; } = [new("ndcg@10"), new("recall@100"), new("mrr@10")];

    /// <inheritdoc/>
    public override string Settings => "";

    /// <inheritdoc/>
    /// <exception cref="UserInputException">The subject makes no embeddings.</exception>
    public override async Task<SampleAnswer> AnswerAsync(EvalSample sample, EvalPrompt prompt, IEvalSubject subject, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(subject);
        if (Definition.Reader == "bm25") return new() { Ranking = (_words ??= new Bm25(_documents)).Rank(sample.Question, Depth) };
        EmbeddingIndex index = await IndexAsync(subject, cancellationToken).ConfigureAwait(false);
        return new() { Ranking = await index.RankAsync(sample.Question, Depth, cancellationToken).ConfigureAwait(false) };
    }

    /// <inheritdoc/>
    public override Task<SampleGrade> GradeAsync(EvalSample sample, SampleAnswer answer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(answer);
        Dictionary<string, double> gains = sample.Row.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetDouble());
        Dictionary<string, double> metrics = new()
        {
            ["ndcg@10"] = RankingMetrics.Ndcg(answer.Ranking, gains, 10),
            ["recall@100"] = RankingMetrics.Recall(answer.Ranking, gains, Depth),
            ["mrr@10"] = RankingMetrics.ReciprocalRank(answer.Ranking, gains, 10),
        };
        string right = string.Join(" ", gains.OrderByDescending(pair => pair.Value).Select(pair => pair.Key));
        return Task.FromResult(new SampleGrade(metrics, string.Join(" ", answer.Ranking.Take(10)), right));
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<EvalSample> Read(TaskData data, IReadOnlyList<string> files)
    {
        _documents = [.. data.Read(Name, files[0]).SelectMany(JsonRows.Read).Select(row =>
            (row.Text("_id"), row.TryGetProperty("title", out JsonElement title) && title.GetString() is { Length: > 0 } given ? $"{given} {row.Text("text")}" : row.Text("text")))];
        (_index, _words) = (null, null);
        ILookup<string, (string Document, double Gain)> judgments = data.Read(Name, files[2]).SelectMany(file => file.Text.Split('\n').Skip(1))
            .Where(line => line.Trim().Length > 0)
            .Select(line => line.Trim().Split('\t'))
            .ToLookup(cells => cells[0], cells => (cells[1], double.Parse(cells[2], CultureInfo.InvariantCulture)));
        return data.Read(Name, files[1]).SelectMany(JsonRows.Read)
            .Where(row => judgments.Contains(row.Text("_id")))
            .Select(row => new EvalSample(row.Text("_id"), row.Text("text"))
            {
                References = [""],
                Row = JsonSerializer.SerializeToElement(judgments[row.Text("_id")].Where(one => one.Gain > 0)
                    .GroupBy(one => one.Document).ToDictionary(group => group.Key, group => group.Max(one => one.Gain))),
            });
    }

    private async Task<EmbeddingIndex> IndexAsync(IEvalSubject subject, CancellationToken cancellationToken)
    {
        if (subject.Embeddings is not { } embeddings) throw new UserInputException("model", $"{Name} needs a subject that makes embeddings.");
        await _indexing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _index ??= await EmbeddingIndex.CreateAsync(embeddings, _documents, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _indexing.Release();
        }
    }
}

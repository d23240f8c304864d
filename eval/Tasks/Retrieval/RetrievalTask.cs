using System.Globalization;
using System.Text.Json;
using AgentKit.Eval.Retrieval;
using AgentKit.Eval.Subjects;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Evaluation;
using AgentKit.Memory.Knowledge.Ingest;

namespace AgentKit.Eval.Tasks.Retrieval;

/// <summary>
/// Finds documents for queries, in BEIR's shape (Thakur et al. 2021): <c>corpus.jsonl</c>, <c>queries.jsonl</c>, <c>qrels.tsv</c>. The documents are ranked
/// by a knowledge base: by words, which a retriever has to beat, by the subject's embeddings, or by both.
/// </summary>
public sealed class RetrievalTask : EvalTask
{
    private const int Depth = 100;

    private readonly SemaphoreSlim _indexing = new(1, 1);
    private readonly SearchMode _mode;
    private IReadOnlyList<SourceText> _documents = [];
    private PassageSearch? _search;

    internal RetrievalTask(TaskDefinition definition)
        : base(definition)
    {
        _mode = definition.Reader switch
        {
            "keyword" => SearchMode.Keyword,
            "dense" => SearchMode.Dense,
            "hybrid" => SearchMode.Hybrid,
            var other => throw new FormatException($"There is no reader '{other}' for retrieval; known: keyword, dense, hybrid."),
        };
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TaskMetric> Metrics { get; } = [new("ndcg@10"), new("recall@100"), new("mrr@10")];

    /// <inheritdoc/>
    public override string Settings => $"search:{Definition.Reader}";

    /// <inheritdoc/>
    /// <exception cref="UserInputException">The subject makes no embeddings.</exception>
    public override async Task<SampleAnswer> AnswerAsync(
        EvalSample sample, EvalPrompt prompt, IEvalSubject subject, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(subject);
        PassageSearch search = await SearchAsync(subject, cancellationToken).ConfigureAwait(false);
        return new() { Ranking = await search.RankAsync(sample.Question, Depth, cancellationToken).ConfigureAwait(false) };
    }

    /// <inheritdoc/>
    public override Task<SampleGrade> GradeAsync(EvalSample sample, SampleAnswer answer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(answer);
        Dictionary<string, int> gains = sample.Row.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetInt32());
        // Scores over one query are that query's scores.
        RetrievalScores scores = RetrievalScores.Of(
            new Dictionary<string, IReadOnlyList<string>> { [sample.Id] = answer.Ranking },
            new Dictionary<string, IReadOnlyDictionary<string, int>> { [sample.Id] = gains });
        Dictionary<string, double> metrics = new() { ["ndcg@10"] = scores.Ndcg10, ["recall@100"] = scores.Recall100, ["mrr@10"] = scores.Mrr10 };
        string right = string.Join(" ", gains.OrderByDescending(pair => pair.Value).Select(pair => pair.Key));
        return Task.FromResult(new SampleGrade(metrics, string.Join(" ", answer.Ranking.Take(10)), right));
    }

    /// <inheritdoc/>
    internal override bool TakesExamples(bool chat) => false;

    /// <inheritdoc/>
    protected internal override IEnumerable<EvalSample> Read(TaskData data, IReadOnlyList<string> files)
    {
        _documents =
        [
            .. data.Read(Name, files[0]).SelectMany(JsonRows.Read).Select(row => new SourceText(row.Text("_id"), row.Text("text"))
            {
                Title = row.TryGetProperty("title", out JsonElement title) && title.GetString() is { Length: > 0 } given ? given : null,
            })
        ];
        ILookup<string, (string Document, int Gain)> judgments = data.Read(Name, files[2]).SelectMany(file => file.Text.Split('\n').Skip(1))
            .Where(line => line.Trim().Length > 0)
            .Select(line => line.Trim().Split('\t'))
            .ToLookup(cells => cells[0], cells => (cells[1], int.Parse(cells[2], CultureInfo.InvariantCulture)));
        // A query for which nothing is relevant counts as trec_eval counts it: not at all.
        return data.Read(Name, files[1]).SelectMany(JsonRows.Read)
            .Where(row => judgments[row.Text("_id")].Any(one => one.Gain > 0))
            .Select(row => new EvalSample(row.Text("_id"), row.Text("text"))
            {
                References = [""],
                Row = JsonSerializer.SerializeToElement(judgments[row.Text("_id")].Where(one => one.Gain > 0)
                    .GroupBy(one => one.Document).ToDictionary(group => group.Key, group => group.Max(one => one.Gain))),
            });
    }

    /// <inheritdoc/>
    internal override void Release()
    {
        _search?.Dispose();
        _search = null;
    }

    private async Task<PassageSearch> SearchAsync(IEvalSubject subject, CancellationToken cancellationToken)
    {
        if (_mode != SearchMode.Keyword && subject.Embeddings is null)
            throw new UserInputException("model", $"{Name} needs a subject that makes embeddings.");
        await _indexing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var embedder = _mode == SearchMode.Keyword ? null : subject.Embeddings;
            return _search ??= await PassageSearch.CreateAsync(_documents, _mode, embedder, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _indexing.Release();
        }
    }
}

using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Evaluation;
using AgentKit.Testing;

namespace AgentKit.Tests.Memory.Knowledge;

public sealed class RetrievalScoresTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_ARanking_IsWhatTheFormulasSay()
    {
        var judgements = Judged(("q", new() { ["a"] = 3, ["b"] = 1, ["c"] = 0 }), ("none", new() { ["a"] = 0 }));
        var scores = RetrievalScores.Of(Ranked(("q", ["c", "b", "x", "a"]), ("none", ["a"]), ("unjudged", ["a"])), judgements);
        double dcg = (1 / Math.Log2(3)) + (3 / Math.Log2(5));
        Assert.Equal(dcg / (3 + (1 / Math.Log2(3))), scores.Ndcg10, 1e-12);
        Assert.Equal((1.0, 0.5, 1), (scores.Recall100, scores.Mrr10, scores.Queries));
    }

    [Fact]
    public void Of_ManyDocuments_CountsTheFirstTenAndHundred()
    {
        var judgements = Judged(("q", Enumerable.Range(0, 200).ToDictionary(i => $"{i}", _ => 1)));
        var scores = RetrievalScores.Of(Ranked(("q", [.. Enumerable.Range(0, 200).Select(i => $"{i}")])), judgements);
        Assert.Equal((1.0, 0.5, 1.0), (scores.Ndcg10, scores.Recall100, scores.Mrr10));
    }

    [Fact]
    public void Load_Collection_TakesJudgedQueriesAndNamesFaults()
    {
        _folder.Write("corpus.jsonl", "{\"_id\":\"1\",\"title\":\"T\",\"text\":\"x\"}\n");
        _folder.Write("queries.jsonl", "{\"_id\":\"q\",\"text\":\"x\"}\n{\"_id\":\"unjudged\",\"text\":\"y\"}\n");
        _folder.Write("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\t1\t2\n");
        BeirCollection collection = BeirCollection.Load(_folder.Path);
        Assert.Equal(("q", 2, "T"), (collection.Queries.Keys.Single(), collection.Judgements["q"]["1"], collection.Documents[0].Title));
        _folder.Write("corpus.jsonl", "{\"_id\":\"1\"}\n");
        Assert.Contains("line 1", Assert.Throws<UserInputException>(() => BeirCollection.Load(_folder.Path)).Message, StringComparison.Ordinal);
        _folder.Write("qrels/test.tsv", "q 1 2\n");
        Assert.Contains("test.tsv, line 1", Assert.Throws<UserInputException>(() => BeirCollection.Load(_folder.Path)).Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, IReadOnlyDictionary<string, int>> Judged(params (string Query, Dictionary<string, int> Relevance)[] all) =>
        all.ToDictionary(one => one.Query, one => (IReadOnlyDictionary<string, int>)one.Relevance);

    private static Dictionary<string, IReadOnlyList<string>> Ranked(params (string Query, string[] Documents)[] all) =>
        all.ToDictionary(one => one.Query, one => (IReadOnlyList<string>)one.Documents);
}

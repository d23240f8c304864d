using System.Text.Json.Nodes;
using AgentKit.Cli.App;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Citations;

namespace AgentKit.Cli.Runs;

/// <summary>
/// The answer of a run that could search knowledge: its citations are held against the passages that the journal has, before anybody sees it.
/// </summary>
internal static class RunAnswer
{
    /// <summary>The passages a run was shown; number n is the n-th.</summary>
    public static IReadOnlyList<Hit> Passages(RunView run) =>
        SearchKnowledgeTool.PassagesOf(run.Steps.Where(step => step.Name == SearchKnowledgeTool.ToolName).Select(step => step.Data).OfType<System.Text.Json.JsonElement>());

    /// <summary>The answer with the citations that hold; <c>null</c> when the run has no answer or could not search.</summary>
    public static CheckedAnswer? Check(RunView run)
    {
        bool couldSearch = run.ToolTokens?.ContainsKey(SearchKnowledgeTool.ToolName) is true || run.Steps.Any(step => step.Name == SearchKnowledgeTool.ToolName);
        return couldSearch && run.Answer is { } answer ? CitationChecker.Check(answer, Passages(run)) : null;
    }

    /// <summary>The answer as it may be shown.</summary>
    public static string? Text(RunView run) => Check(run)?.Text ?? run.Answer;

    /// <summary>Prints the answer, what it rests on, and which citations did not hold.</summary>
    public static void Show(CommandContext context, RunView run)
    {
        if (Text(run) is { } text) context.Screen.WriteLine(text);
        if (Check(run) is not { } answer) return;
        foreach (Citation citation in answer.Citations.DistinctBy(one => one.Number).OrderBy(one => one.Number))
            context.Screen.WriteLine($"  [{citation.Number}] {citation.Passage.Source}{Place(citation.Passage)}");
        foreach (RemovedCitation removed in answer.Removed)
            context.Screen.Notice($"removed the citation [{removed.Number}] of \"{removed.Claim}\": {removed.Reason}");
    }

    /// <summary>Puts the checked answer and its citations into the run's document.</summary>
    public static void Write(RunView run, JsonObject document)
    {
        document["citations"] = new JsonArray();
        if (Check(run) is not { } answer) return;
        document["answer"] = answer.Text;
        document["citations"] = new JsonArray([.. answer.Citations.Select(Describe)]);
        document["removed_citations"] = new JsonArray(
            [.. answer.Removed.Select(one => (JsonNode)new JsonObject { ["number"] = one.Number, ["claim"] = one.Claim, ["reason"] = one.Reason })]);
    }

    private static JsonNode Describe(Citation citation)
    {
        var described = new JsonObject { ["number"] = citation.Number, ["source"] = citation.Passage.Source };
        if (citation.Passage.Page is { } page) described["page"] = page;
        if (citation.Passage.Heading.Length > 0) described["heading"] = citation.Passage.Heading;
        (described["start"], described["end"], described["quote"]) = (citation.Start, citation.End, citation.Quote);
        (described["chunk_hash"], described["document_hash"]) = (citation.Passage.ChunkHash, citation.Passage.DocumentHash);
        return described;
    }

    private static string Place(Hit passage) =>
        $"{(passage.Page is { } page ? $", page {page}" : "")}{(passage.Heading.Length > 0 ? $", {passage.Heading}" : "")}";
}

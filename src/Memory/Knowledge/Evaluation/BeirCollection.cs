using System.Globalization;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Ingest;

namespace AgentKit.Memory.Knowledge.Evaluation;

/// <summary>
/// A retrieval test collection in the shape of BEIR (Thakur et al. 2021): <c>corpus.jsonl</c>, <c>queries.jsonl</c>, and judgements in
/// <c>qrels.tsv</c> or <c>qrels/test.tsv</c>.
/// </summary>
public sealed class BeirCollection
{
    private BeirCollection(
        IReadOnlyList<SourceText> documents,
        IReadOnlyDictionary<string, string> queries,
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> judgements) =>
        (Documents, Queries, Judgements) = (documents, queries, judgements);

    /// <summary>The documents; their source is their id.</summary>
    public IReadOnlyList<SourceText> Documents { get; }

    /// <summary>The queries that have judgements, by id.</summary>
    public IReadOnlyDictionary<string, string> Queries { get; }

    /// <summary>By query, the relevance of documents: 0 is none, more is better.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Judgements { get; }

    /// <summary>Reads a collection.</summary>
    /// <param name="folder">Its folder.</param>
    /// <exception cref="UserInputException">A file is missing or not in the expected form; the message names file and line.</exception>
    public static BeirCollection Load(string folder)
    {
        string judgementFile = Path.Combine(folder, "qrels.tsv");
        if (!File.Exists(judgementFile)) judgementFile = Path.Combine(folder, "qrels", "test.tsv");
        var judgements = ReadJudgements(judgementFile);
        SourceText[] documents =
        [
            .. Records(Path.Combine(folder, "corpus.jsonl")).Select(record =>
                new SourceText(Text(record, "_id"), Text(record, "text")) { Title = record.TryGetProperty("title", out _) ? Text(record, "title") : null }),
        ];
        var queries = Records(Path.Combine(folder, "queries.jsonl"))
            .Select(record => (Id: Text(record, "_id"), Text: Text(record, "text")))
            .Where(query => judgements.ContainsKey(query.Id))
            .ToDictionary(query => query.Id, query => query.Text, StringComparer.Ordinal);
        if (queries.Count == 0) throw new UserInputException("DIR", $"DIR: no query of {folder} has a judgement in {judgementFile}.");
        return new BeirCollection(documents, queries, judgements);
    }

    private static IEnumerable<JsonElement> Records(string path)
    {
        int number = 0;
        foreach (string line in Lines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            JsonElement record;
            try
            {
                record = JsonElement.Parse(line);
            }
            catch (JsonException e)
            {
                throw new UserInputException("DIR", $"DIR: {path}, line {number}: not JSON.", e);
            }

            foreach (string name in (string[])["_id", "text"])
            {
                if (record.ValueKind is not JsonValueKind.Object || !record.TryGetProperty(name, out JsonElement value) || value.ValueKind is not JsonValueKind.String)
                    throw new UserInputException("DIR", $"DIR: {path}, line {number}: an object with the texts _id and text is expected.");
            }

            yield return record;
        }
    }

    private static string Text(JsonElement record, string name) => record.GetProperty(name).GetString() ?? "";

    private static Dictionary<string, IReadOnlyDictionary<string, int>> ReadJudgements(string path)
    {
        var judgements = new Dictionary<string, Dictionary<string, int>>(StringComparer.Ordinal);
        int number = 0;
        foreach (string line in Lines(path))
        {
            number++;
            string[] fields = line.Split('\t');
            if (line.Length == 0 || (number == 1 && fields[0] == "query-id")) continue;
            if (fields.Length != 3 || !int.TryParse(fields[2], CultureInfo.InvariantCulture, out int relevance))
                throw new UserInputException("DIR", $"DIR: {path}, line {number}: query, document and a whole number with tabs between them are expected.");
            if (!judgements.TryGetValue(fields[0], out Dictionary<string, int>? documents)) judgements.Add(fields[0], documents = new(StringComparer.Ordinal));
            documents[fields[1]] = relevance;
        }

        return judgements.ToDictionary(pair => pair.Key, pair => (IReadOnlyDictionary<string, int>)pair.Value, StringComparer.Ordinal);
    }

    private static IEnumerable<string> Lines(string path)
    {
        try
        {
            return File.ReadLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException("DIR", $"DIR: {path} cannot be read: {e.Message}", e);
        }
    }
}

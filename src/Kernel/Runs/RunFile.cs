using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;

namespace AgentKit.Kernel.Runs;

/// <summary>A run as one JSON document, to be kept, sent and read by another journal; <c>docs/formats.md</c> describes it.</summary>
public static class RunFile
{
    /// <summary>Version of the document this build writes.</summary>
    public const int Version = 1;

    private const string Format = "agentkit.run";

    /// <summary>Writes a run.</summary>
    /// <param name="records">All records of the run, in order.</param>
    public static JsonObject Write(IReadOnlyList<JournalRecord> records) => new()
    {
        ["format"] = Format,
        ["version"] = Version,
        ["run_id"] = records[0].RunId,
        ["records"] = new JsonArray([.. records.Select(record => (JsonNode)new JsonObject
        {
            ["version"] = record.Version,
            ["schema"] = EventJson.Schema,
            ["at"] = record.At,
            ["event"] = JsonNode.Parse(EventJson.Write(record.Event)),
        })]),
    };

    /// <summary>Reads a run.</summary>
    /// <param name="source">Where the text comes from, for the message.</param>
    /// <param name="json">The document.</param>
    /// <exception cref="UserInputException">It is no such document, of a newer version, or not whole.</exception>
    public static IReadOnlyList<JournalRecord> Read(string source, string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 256 });
            JsonElement root = document.RootElement;
            if (root.GetProperty("format").GetString() != Format) throw new FormatException($"its format is not {Format}");
            int version = root.GetProperty("version").GetInt32();
            if (version is < 1 or > Version) throw new FormatException($"it has version {version}, and this build reads 1 to {Version}");
            string runId = root.GetProperty("run_id").GetString() ?? "";
            JournalRecord[] records = [.. root.GetProperty("records").EnumerateArray().Select(record => Read(source, runId, record))];
            Check(runId, records);
            return records;
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw new UserInputException(source, $"{source} is not an exported run: {e.Message}", e);
        }
    }

    private static JournalRecord Read(string source, string runId, JsonElement record)
    {
        int schema = record.GetProperty("schema").GetInt32();
        AgentEvent e = EventJson.Read(source, schema, record.GetProperty("event").GetRawText());
        return new JournalRecord(runId, record.GetProperty("version").GetInt64(), schema, record.GetProperty("at").GetDateTimeOffset(), e);
    }

    private static void Check(string runId, JournalRecord[] records)
    {
        if (string.IsNullOrWhiteSpace(runId)) throw new FormatException("run_id is empty");
        if (records is not [{ Event: AgentEvent.RunStarted }, ..]) throw new FormatException("it does not begin with run_started");
        for (int i = 0; i < records.Length; i++)
        {
            if (records[i].Version != i + 1) throw new FormatException($"record {i + 1} has version {records[i].Version}");
            if (records[i].Event is AgentEvent.TextDelta) throw new FormatException("text_delta is never journaled");
        }
    }
}

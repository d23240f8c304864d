using System.Text.Json;

namespace AgentKit.Eval.Tasks;

/// <summary>Rows of a file: a JSON array, or one object a line.</summary>
internal static class JsonRows
{
    /// <exception cref="FormatException">A line is not JSON.</exception>
    public static IEnumerable<JsonElement> Read((string Name, string Text) file)
    {
        if (file.Text.AsSpan().TrimStart() is ['[', ..])
        {
            foreach (JsonElement row in Parse(file, file.Text, 1).EnumerateArray()) yield return row;
            yield break;
        }

        int number = 0;
        foreach (string line in file.Text.Split('\n'))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line)) yield return Parse(file, line, number);
        }
    }

    /// <summary>All rows of all files.</summary>
    public static IEnumerable<JsonElement> All(TaskData data, string task, IReadOnlyList<string> patterns) =>
        patterns.SelectMany(pattern => data.Read(task, pattern)).SelectMany(Read);

    /// <exception cref="FormatException">There is no such text.</exception>
    public static string Text(this JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new FormatException($"A row has no text '{name}': {Short(row)}");

    /// <summary>A list of texts; empty when it is not there.</summary>
    public static string[] Texts(this JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement value)
            && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(item => item.GetString()!)] : [];

    private static JsonElement Parse((string Name, string Text) file, string json, int line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new FormatException($"{file.Name}, line {line + (e.LineNumber ?? 0)}: not JSON.", e);
        }
    }

    private static string Short(JsonElement row) => row.GetRawText() is { Length: > 80 } text ? text[..80] + "…" : row.GetRawText();
}

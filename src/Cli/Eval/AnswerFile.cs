using System.Text.Json;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.Eval;

/// <summary>Answers that were written before: JSON lines of an id and a text; several of one id are several attempts.</summary>
internal static class AnswerFile
{
    private static readonly string[] Ids = ["id", "task_id", "key"];
    private static readonly string[] Texts = ["answer", "completion", "output", "response"];

    /// <exception cref="UserInputException">The file cannot be read, or a line is something else.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Read(string option, string path)
    {
        Dictionary<string, List<string>> answers = new(StringComparer.Ordinal);
        string[] lines = SegmentFile.Lines(option, path);
        for (int i = 0; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i])) continue;
            (string id, string text) = Parse(option, path, i + 1, lines[i]);
            if (!answers.TryGetValue(id, out List<string>? attempts)) answers.Add(id, attempts = []);
            attempts.Add(text);
        }

        return answers.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<string>)pair.Value);
    }

    private static (string Id, string Text) Parse(string option, string path, int number, string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement row = document.RootElement;
            if (row.ValueKind == JsonValueKind.Object && Find(row, Ids) is { } id
                && Find(row, Texts) is { ValueKind: JsonValueKind.String } text)
                return (id.ToString(), text.GetString()!);
        }
        catch (JsonException e)
        {
            throw new UserInputException(option, $"{option}: {path}, line {number}: not JSON.", e);
        }

        throw new UserInputException(
            option, $"{option}: {path}, line {number}: an object with {string.Join(" or ", Ids)} and a text {string.Join(" or ", Texts)} is expected.");
    }

    private static JsonElement? Find(JsonElement row, string[] names)
    {
        foreach (string name in names)
        {
            if (row.TryGetProperty(name, out JsonElement value)) return value;
        }

        return null;
    }
}

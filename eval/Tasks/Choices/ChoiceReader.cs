using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentKit.Eval.Tasks.Choices;

/// <summary>Reads questions with choices out of the shapes in which they are published.</summary>
internal sealed partial class ChoiceReader
{
    private static readonly Dictionary<string, ChoiceReader> All = new()
    {
        ["instruction"] = new((task, data, files) => JsonRows.All(data, task.Name, files).Select(InstructionRow.Choices)),
        ["blank"] = new((task, data, files) => JsonRows.All(data, task.Name, files).Select(InstructionRow.Blank)),
        ["true_false"] = new((task, data, files) => JsonRows.All(data, task.Name, files).Select(InstructionRow.TrueFalse)),
        ["six_lines"] = new(
            (task, data, files) => files.SelectMany(file => data.Read(task.Name, file))
                .SelectMany(file => file.Text.AsSpan().TrimStart() is ['{', ..] ? JsonRows.Read(file).Select(Endings) : SixLines(file.Text))),
        ["letters"] = new((task, data, files) => JsonRows.All(data, task.Name, files).Select(Letters)),
        ["mc1"] = new((task, data, files) => JsonRows.All(data, task.Name, files).Select((row, i) => Targets(row, i, "mc1_targets"))),
        ["mc2"] = new((task, data, files) => JsonRows.All(data, task.Name, files).Select((row, i) => Targets(row, i, "mc2_targets"))),
        ["last_word"] = new((task, data, files) => JsonRows.All(data, task.Name, files).Select(LastWord)),
        ["rows"] = new((task, data, files) => JsonRows.All(data, task.Name, files).Select(Row)),
    };

    private readonly Func<EvalTask, TaskData, IReadOnlyList<string>, IEnumerable<EvalSample>> _read;

    private ChoiceReader(Func<EvalTask, TaskData, IReadOnlyList<string>, IEnumerable<EvalSample>> read) => _read = read;

    public static ChoiceReader Find(string name) => All.TryGetValue(name, out ChoiceReader? reader)
        ? reader
        : throw new FormatException($"There is no reader '{name}' for choices; known: {string.Join(", ", All.Keys)}.");

    public IEnumerable<EvalSample> Read(EvalTask task, TaskData data, IReadOnlyList<string> files) => _read(task, data, files);

    /// <summary>The text form of HellaSwag that llama-perplexity reads: context, index of the right ending, four endings.</summary>
    private static IEnumerable<EvalSample> SixLines(string text)
    {
        const int each = 6;
        string[] lines = text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        if (lines.Length % each != 0) throw new FormatException($"It has {lines.Length} lines, which is not a multiple of six.");
        for (int i = 0; i < lines.Length; i += each)
        {
            if (!int.TryParse(lines[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int gold) || gold > 3)
                throw new FormatException($"Line {i + 2} is '{lines[i + 1]}'; the index of an ending, 0 to 3, is expected.");
            yield return new(Number(i / each), Tidy(lines[i]))
            {
                Choices = [.. lines[(i + 2)..(i + each)].Select(ending => new EvalChoice(Tidy(ending)))],
                Gold = [gold],
            };
        }
    }

    /// <summary>HellaSwag's own JSON lines, put as the text form puts them: <c>{"activity_label"?, "ctx", "endings", "label"}</c>.</summary>
    private static EvalSample Endings(JsonElement row, int index)
    {
        string[] endings = row.Texts("endings");
        string before = row.TryGetProperty("activity_label", out JsonElement activity) ? $"{activity.GetString()}: " : "";
        // Published as a number and as text; the test split has none.
        if (!row.TryGetProperty("label", out JsonElement label) || !int.TryParse(label.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int gold))
            throw new FormatException($"Row {index} has no label; the index of the right ending is expected.");
        return new(Number(index), Tidy(before + row.Text("ctx")))
        {
            Choices = [.. endings.Select(ending => new EvalChoice(Tidy(ending)))],
            Gold = [Index(gold, endings.Length)],
        };
    }

    /// <summary>HellaSwag's own marks out of the way, as lm-evaluation-harness does it.</summary>
    private static string Tidy(string text) => Bracketed().Replace(text.Trim().Replace(" [title]", ". ", StringComparison.Ordinal), "")
        .Replace("  ", " ", StringComparison.Ordinal);

    private static EvalSample Letters(JsonElement row, int index)
    {
        string[] answers = row.Texts("choices");
        string options = string.Concat(answers.Select((answer, i) => $"\n{(char)('A' + i)}. {answer}"));
        string subject = row.Text("subject");
        return new(Number(index), row.Text("question").Trim() + options)
        {
            Choices = [.. answers.Select((_, i) => new EvalChoice(((char)('A' + i)).ToString()))],
            Gold = [Index(row.GetProperty("answer").GetInt32(), answers.Length)],
            Group = subject,
            Preamble = $"The following are multiple choice questions (with answers) about {subject.Replace('_', ' ')}.",
        };
    }

    private static EvalSample Targets(JsonElement row, int index, string name)
    {
        JsonProperty[] targets = [.. row.GetProperty(name).EnumerateObject()];
        return new(Number(index), row.Text("question"))
        {
            Choices = [.. targets.Select(target => new EvalChoice(target.Name))],
            Gold = [.. Enumerable.Range(0, targets.Length).Where(i => targets[i].Value.GetInt32() == 1)],
            Group = row.TryGetProperty("category", out JsonElement category) ? category.GetString() : null,
        };
    }

    /// <summary>LAMBADA: a passage whose last word only all of it tells.</summary>
    private static EvalSample LastWord(JsonElement row, int index)
    {
        string text = row.Text("text").TrimEnd();
        int space = text.LastIndexOf(' ');
        if (space <= 0) throw new FormatException($"Row {index} has no last word.");
        return new(Number(index), text[..space]) { Choices = [new(text[(space + 1)..])], Gold = [0] };
    }

    /// <summary>Our own shape: <c>{"question", "choices", "answer": index, "id"?, "group"?}</c>.</summary>
    private static EvalSample Row(JsonElement row, int index)
    {
        string[] choices = row.Texts("choices");
        return new(row.TryGetProperty("id", out JsonElement id) ? id.ToString() : Number(index), row.Text("question"))
        {
            Choices = [.. choices.Select(choice => new EvalChoice(choice))],
            Gold = [Index(row.GetProperty("answer").GetInt32(), choices.Length)],
            Group = row.TryGetProperty("group", out JsonElement group) ? group.GetString() : null,
        };
    }

    private static int Index(int index, int count) => index >= 0 && index < count
        ? index
        : throw new FormatException($"The right answer is said to be number {index} of {count}, counted from 0.");

    internal static string Number(int index) => index.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\[.*?\]", RegexOptions.CultureInvariant)]
    private static partial Regex Bracketed();
}

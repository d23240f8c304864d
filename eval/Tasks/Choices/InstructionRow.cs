using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentKit.Eval.Tasks.Choices;

/// <summary>
/// Questions whose choices are written into one instruction: <c>… the question: Q Answer1: A Answer2: B Answer format: …</c>.
/// </summary>
internal static partial class InstructionRow
{
    public static EvalSample Choices(JsonElement row, int index)
    {
        (string question, string[] answers, int gold) = Parse(row, index);
        return new(ChoiceReader.Number(index), question) { Choices = [.. answers.Select(answer => new EvalChoice(answer))], Gold = [gold] };
    }

    /// <summary>
    /// A sentence with a blank: the answers stand in it, and the text after it is scored (Trinh and Le 2018, partial evaluation).
    /// </summary>
    public static EvalSample Blank(JsonElement row, int index)
    {
        (string sentence, string[] answers, int gold) = Parse(row, index);
        int blank = sentence.IndexOf('_', StringComparison.Ordinal);
        if (blank < 0) throw new FormatException($"Question {index} has no blank.");
        string after = " " + sentence[(blank + 1)..].Trim();
        return new(ChoiceReader.Number(index), sentence)
        {
            Choices = [.. answers.Select(answer => new EvalChoice(answer, sentence[..blank] + answer, after))],
            Gold = [gold],
        };
    }

    public static EvalSample TrueFalse(JsonElement row, int index)
    {
        string instruction = row.Text("instruction");
        int start = instruction.IndexOf("question: ", StringComparison.Ordinal);
        if (start < 0) throw new FormatException($"Row {index} has no 'question: '.");
        string question = AnswerFormat().Replace(instruction[(start + "question: ".Length)..], "").Trim();
        return new(ChoiceReader.Number(index), question)
        {
            Choices = [new("no"), new("yes")],
            Gold = [row.Text("answer") switch { "false" =>
                0, "true" => 1, var other => throw new FormatException($"The answer of row {index} is '{other}'.") }],
        };
    }

    private static (string Question, string[] Answers, int Gold) Parse(JsonElement row, int index)
    {
        string instruction = row.Text("instruction");
        Match format = AnswerFormat().Match(instruction);
        Match[] marks = [.. Mark().Matches(instruction).Where(mark => mark.Index < format.Index)];
        // A question may itself hold such a mark: the list is the last one that counts from 1.
        marks = marks[(marks.Select((mark, i) => mark.Groups[1].Value == "1" ? i : 0).DefaultIfEmpty(0).Max())..];
        int start = instruction.IndexOf(": ", StringComparison.Ordinal);
        if (start < 0 || !format.Success || marks.Length < 2 || marks[0].Index < start)
            throw new FormatException($"Question {index} has no list of answers.");
        string[] answers =
            [.. marks.Select(
                (mark, i) => instruction[(mark.Index + mark.Length)..(i + 1 < marks.Length ? marks[i + 1].Index : format.Index)].Trim())];
        int gold = int.Parse(row.Text("answer").AsSpan()[^1..], NumberStyles.None, CultureInfo.InvariantCulture) - 1;
        if (gold < 0 || gold >= answers.Length)
            throw new FormatException($"Question {index} has {answers.Length} answers, the right one is said to be number {gold + 1}.");
        return (instruction[(start + 2)..marks[0].Index].Trim(), answers, gold);
    }

    [GeneratedRegex(@"(?<=^|\s)(?:Answer|Solution|Option|Ending)([1-9]): ?", RegexOptions.CultureInvariant)]
    private static partial Regex Mark();

    [GeneratedRegex(@"\s*Answer format:[^\n]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex AnswerFormat();
}

using System.Text.RegularExpressions;
using AgentKit.Kernel.Errors;
using ModelContextProtocol.Protocol;

namespace AgentKit.Server.Offers;

/// <summary>One prompt: what stands between two lines of <c>---</c> describes it, the rest is its text with <c>{{name}}</c> for arguments.</summary>
internal sealed partial record PromptFile(string Name, string? Title, string? Description, IReadOnlyList<PromptFile.Argument> Arguments, string Text)
{
    private const string Fence = "---";

    /// <summary>An argument.</summary>
    internal sealed record Argument(string Name, string Description, bool Required)
    {
        public IReadOnlyList<string> Choices { get; init; } = [];
    }

    /// <exception cref="UserInputException">The file is not a prompt.</exception>
    public static PromptFile Read(string path)
    {
        string[] lines = File.ReadAllText(path).ReplaceLineEndings("\n").Split('\n');
        string name = Path.GetFileNameWithoutExtension(path);
        if (!ValidName().IsMatch(name)) throw Fault(path, 0, "the file's name must have 1 to 64 of letters, digits, _, . and -");
        int end = lines[0] == Fence ? Array.IndexOf(lines, Fence, 1) : 0;
        if (end < 0) throw Fault(path, 1, $"the description begins with {Fence} and has no {Fence} at its end");
        var prompt = new PromptFile(name, null, null, [], string.Join('\n', lines.Skip(lines[0] == Fence ? end + 1 : 0)).Trim());
        for (int i = 1; i < end; i++)
        {
            if (!string.IsNullOrWhiteSpace(lines[i])) prompt = prompt.With(path, i + 1, lines[i]);
        }

        foreach (Match match in Place().Matches(prompt.Text))
        {
            if (prompt.Arguments.All(argument => argument.Name != match.Groups[1].Value))
                throw Fault(path, 0, $"the text has {match.Value}, but there is no line 'argument {match.Groups[1].Value}: …'");
        }

        return prompt;
    }

    public Prompt Describe() => new()
    {
        Name = Name,
        Title = Title,
        Description = Description,
        Arguments = [.. Arguments.Select(argument => new PromptArgument { Name = argument.Name, Description = argument.Description, Required = argument.Required })],
    };

    /// <summary>The text with its arguments; one that is left out is empty. Values are not looked through for further places.</summary>
    public string Fill(IReadOnlyDictionary<string, string> values) => Place().Replace(Text, match => values.GetValueOrDefault(match.Groups[1].Value, ""));

    private PromptFile With(string path, int number, string line)
    {
        Match match = Entry().Match(line);
        if (!match.Success) throw Fault(path, number, "'title: …', 'description: …', 'argument NAME: …', 'argument NAME?: …' or 'choices NAME: a, b' is expected");
        string argument = match.Groups["name"].Value;
        string value = match.Groups["value"].Value.Trim();
        switch (match.Groups["key"].Value)
        {
            case "title" when argument.Length == 0:
                return this with { Title = value };
            case "description" when argument.Length == 0:
                return this with { Description = value };
            case "argument" when argument.Length > 0 && Arguments.All(known => known.Name != argument):
                return this with { Arguments = [.. Arguments, new Argument(argument, value, !match.Groups["optional"].Success)] };
            case "choices" when Arguments.Any(known => known.Name == argument):
                string[] choices = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
                return this with { Arguments = [.. Arguments.Select(known => known.Name == argument ? known with { Choices = choices } : known)] };
            default:
                throw Fault(path, number, $"'{line.Trim()}' names an argument twice, too early, or where none belongs");
        }
    }

    private static UserInputException Fault(string path, int line, string what) =>
        new("prompts", line > 0 ? $"{path}, line {line}: {what}." : $"{path}: {what}.");

    [GeneratedRegex("^[A-Za-z0-9_.-]{1,64}\\z")]
    private static partial Regex ValidName();

    [GeneratedRegex(@"\{\{ *([A-Za-z_][A-Za-z0-9_]*) *\}\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"^(?<key>title|description|argument|choices)(?: +(?<name>[A-Za-z_][A-Za-z0-9_]*)(?<optional>\?)?)? *:(?<value>.*)\z")]
    private static partial Regex Entry();
}

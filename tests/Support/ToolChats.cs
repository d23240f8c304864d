using System.Globalization;
using System.Text;

namespace AgentKit.Testing;

/// <summary>
/// Conversations with the built-in tools in the shipped model's own chat format, made from a seed: calibration and held-out text for a model that has seen
/// nothing else. Read them with control tokens parsed.
/// </summary>
internal static class ToolChats
{
    private static readonly (string Name, string Text, string Parameter)[] Tools =
    [
        ("calculator", "Evaluate an arithmetic expression.", "expression"), ("list_files", "List the files in a folder.", "path"),
        ("read_file", "Read a text file.", "path"), ("search_files", "Find files that contain a text.", "query"),
        ("search_knowledge", "Search the knowledge base; returns numbered passages.", "query"), ("remember", "Store a fact for later.", "text"),
        ("recall", "Look up stored facts.", "query"),
    ];

    private static readonly string[] Syllables = ["ba", "cor", "den", "fi", "gul", "ham", "jo", "kel", "lum", "mir", "nov", "pra", "quin", "ros", "sta", "tev", "vol", "wex", "yar", "zim"];

    /// <summary>A text of so many conversations; the same seed gives the same text.</summary>
    public static string Create(int seed, int conversations)
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        for (int i = 0; i < conversations; i++) Append(text, random);
        return text.ToString();
    }

    private static void Append(StringBuilder text, Random random)
    {
        text.Append("<|im_start|>system\nYou are a helpful assistant.\n<tools>\n");
        (string Name, string Text, string Parameter)[] offered = [.. Tools];
        random.Shuffle(offered);
        int chosen = random.Next(Tools.Length);
        foreach ((string name, string about, string parameter) in offered.Take(3).Where(tool => tool.Name != Tools[chosen].Name).Append(Tools[chosen]))
        {
            text.Append(CultureInfo.InvariantCulture, $$$"""{"name": "{{{name}}}", "description": "{{{about}}}", "parameters": {"type": "object", "properties": {"{{{parameter}}}": """)
                .Append(CultureInfo.InvariantCulture, $$$"""{"type": "string"}}, "required": ["{{{parameter}}}"]}}""").Append('\n');
        }

        (string question, string argument, string result, string answer) = Turn(Tools[chosen].Name, random);
        text.Append("</tools>\nCall a tool with <tool_call>\n{\"name\": <name>, \"arguments\": <object>}\n</tool_call><|im_end|>\n<|im_start|>user\n")
            .Append(question).Append("<|im_end|>\n<|im_start|>assistant\n<tool_call>\n")
            .Append(CultureInfo.InvariantCulture, $$$"""{"name": "{{{Tools[chosen].Name}}}", "arguments": {"{{{Tools[chosen].Parameter}}}": "{{{argument}}}"}}""")
            .Append("\n</tool_call><|im_end|>\n<|im_start|>user\n<tool_response>\n").Append(result)
            .Append("\n</tool_response><|im_end|>\n<|im_start|>assistant\n").Append(answer).Append("<|im_end|>\n");
    }

    private static (string Question, string Argument, string Result, string Answer) Turn(string tool, Random random)
    {
        (string word, string other) = (Word(random), Word(random));
        (int a, int b) = (random.Next(2, 1000), random.Next(2, 1000));
        return tool switch
        {
            "calculator" => ($"What is {a} plus {b}?", $"{a} + {b}", $"{a + b}", $"{a} + {b} = {a + b}."),
            "list_files" => ($"List the files in {word}.", word, $"[\"{other}.md\", \"{word}.txt\"]", $"I found {other}.md and {word}.txt."),
            "read_file" => ($"Read {word}.md.", $"{word}.md", $"The {other} is at noon.", $"{word}.md says: The {other} is at noon."),
            "search_files" => ($"Which files mention {word}?", word, $"[\"{other}.txt\"]", $"Found in {other}.txt."),
            "search_knowledge" => ($"What does the knowledge base say about {word}?", word, $"[1] The capital of {word} is {other}.", $"The capital of {word} is {other} [1]."),
            "remember" => ($"Remember that the {word} is on Friday.", $"the {word} is on Friday", "ok", "Done."),
            _ => ($"What are my notes about {word}?", word, $"The {word} is with {other}.", $"The {word} is with {other}."),
        };
    }

    private static string Word(Random random) => string.Concat(Enumerable.Range(0, random.Next(2, 4)).Select(_ => Syllables[random.Next(Syllables.Length)]));
}

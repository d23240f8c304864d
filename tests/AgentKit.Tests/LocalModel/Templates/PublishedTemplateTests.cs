using System.Text.Json.Nodes;
using AgentKit.Models.Templates;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.Models.Templates;

public class PublishedTemplateTests
{
    [ChatTemplateFact]
    public void Render_EveryRecord_EqualsJinja2()
    {
        var templates = ChatTemplateData.TemplateNames.ToDictionary(name => name, name => ChatTemplate.Parse(ChatTemplateData.Read(name)));
        var failures = new List<string>();
        var records = ChatTemplateData.Results.GroupBy(Key).Select(group => group.FirstOrDefault(
            record => record!["profile"] is not null) ?? group.First());
        foreach (var record in records)
        {
            var difference = Compare(templates[record!["template"]!.GetValue<string>()], record);
            if (difference is not null)
                failures.Add($"{Key(record)}: {difference}");
        }
        Assert.True(failures.Count == 0, $"{failures.Count} records differ:\n" + string.Join("\n", failures.Take(40)));
    }

    private static string Key(JsonNode? record) => $"{record!["template"]}/{record["case"]}/{record["add_generation_prompt"]}";

    private static string? Compare(ChatTemplate template, JsonNode record)
    {
        var expected = record["text"]?.GetValue<string>();
        try
        {
            var prompt = template.Render(Input(record), new FixedTime(ChatTemplateData.Now));
            Assert.Equal(prompt.Text, string.Concat(prompt.Segments.Select(segment => segment.Text)));
            return expected is null ? $"rendered, jinja2 fails: {record["error"]!["message"]}" : Difference(expected, prompt.Text);
        }
        catch (TemplateException e)
        {
            return expected is null ? null : e.Message;
        }
    }

    private static TemplateInput Input(JsonNode record)
    {
        var conversation = ChatTemplateData.Cases[record["case"]!.GetValue<string>()]!;
        return new TemplateInput
        {
            Messages = conversation["messages"]!.AsArray(),
            Tools = conversation["tools"]?.AsArray(),
            AddGenerationPrompt = record["add_generation_prompt"]!.GetValue<bool>(),
            BosToken = "<s>",
            EosToken = "</s>",
            Variables = conversation["extra"]!.AsObject().ToDictionary(item => item.Key, item => (object?)item.Value),
        };
    }

    private static string? Difference(string expected, string actual)
    {
        if (expected == actual)
            return null;
        var at = 0;
        while (at < expected.Length && at < actual.Length && expected[at] == actual[at])
            at++;
        string Around(string text) =>
            text.Substring(Math.Max(0, at - 20), Math.Min(60, text.Length - Math.Max(0, at - 20))).Replace("\n", "\\n");
        return $"at {at} expected «{Around(expected)}» but was «{Around(actual)}»";
    }
}

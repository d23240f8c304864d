using System.Text;
using System.Text.Json;
using AgentKit.Models;
using AgentKit.Models.Chat;
using AgentKit.Models.Constraints;
using AgentKit.Models.Constraints.Tokens;
using AgentKit.Models.Sampling;
using AgentKit.Models.Templates;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentKit.Tests.LocalModel.Chat;

/// <summary>A model that knows nothing, held to a template's syntax of calls: what it writes must be read back as calls that fit the tools' schemas.</summary>
public class ConstrainedCallTests
{
    private const int MostTokens = 1000;

    private static readonly AITool[] Tools =
    [
        Tool("book_trip", """
            {"type": "object", "properties": {
               "city": {"type": "string", "minLength": 2, "maxLength": 12}, "note": {"type": "string"}, "code": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$"},
               "class": {"enum": ["first", "second", 3, null]}, "days": {"type": "integer", "minimum": 1, "maximum": 30}, "price": {"type": "number", "multipleOf": 0.5},
               "insured": {"type": "boolean"}, "comment": {"type": ["string", "null"]}, "zip": {"enum": ["12345", "00001"]}},
             "required": ["city", "days", "comment", "zip"]}
            """),
        Tool("plan", """
            {"type": "object", "properties": {
               "tags": {"type": "array", "items": {"type": "string", "maxLength": 6}, "maxItems": 3},
               "stops": {"type": "array", "items": {"$ref": "#/$defs/stop"}, "minItems": 1, "maxItems": 2},
               "either": {"anyOf": [{"type": "integer"}, {"$ref": "#/$defs/stop"}]},
               "options": {"type": "object", "properties": {"round": {"type": "boolean"}, "by": {"enum": ["a", "b"]}}, "required": ["by"]}},
             "required": ["stops", "options"],
             "$defs": {"stop": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 8}, "hours": {"type": "number"}}, "required": ["name"]}}}
            """),
        Tool("labels", """{"type": "object", "properties": {"map": {"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 2}}, "required": ["map"]}"""),
        Tool("ping", """{"type": "object", "properties": {}}"""),
    ];

    public static TheoryData<bool, int> Walks => new() { { false, 1 }, { true, 2 } };

    [ChatTemplateTheory]
    [MemberData(nameof(Walks))]
    public void Required_EveryPublishedTemplate_IsReadBackAsCallsThatFit(bool marksAreTokens, int seed)
    {
        List<string> failures = [];
        foreach (string name in ChatTemplateData.TemplateNames)
        {
            ChatFormat format = ChatFormat.For(ChatTemplate.Parse(ChatTemplateData.Read(name)), "<s>", "</s>");
            if (format.ToolSyntax.Style != ToolCallStyle.None)
            {
                failures.AddRange(Walk(format, marksAreTokens, seed).Select(failure => $"{name}: {failure}"));
            }
        }

        Assert.True(failures.Count == 0, $"{failures.Count} failures:\n" + string.Join("\n", failures.Take(12)));
    }

    private static IEnumerable<string> Walk(ChatFormat format, bool marksAreTokens, int seed)
    {
        TokenVocabulary vocabulary = Vocabulary(format, marksAreTokens);
        AnswerContracts contracts = new(format, () => vocabulary, "model", NullLogger.Instance);
        foreach (AITool tool in Tools)
        {
            // One tool after the other makes sure that every one is tried; a call of any of them is what is usual.
            ChatOptions options = new() { Tools = tool.Name == "ping" ? Tools : [tool], ToolMode = ChatToolMode.RequireAny };
            // Without the tools: some templates cannot print every schema, and what opens the answer is the same.
            string prompt = format.Render([new(ChatRole.User, "Go on.")]).Text;
            AnswerContract contract = contracts.For(options, prompt);
            for (int round = 0; round < 1; round++)
            {
                string text = Generate(vocabulary, contract.Grammar!, new Random((seed * 1000) + round));
                if (Fault(format, contract, options, prompt, text) is { } fault)
                {
                    yield return $"{fault}\n  {text}";
                }
            }
        }
    }

    private static string? Fault(ChatFormat format, AnswerContract contract, ChatOptions options, string prompt, string text)
    {
        ChatOutputParser parser = format.CreateParser(prompt, options.Tools);
        AIContent[] contents = [.. parser.Push(text), .. parser.Finish()];
        FunctionCallContent[] calls = [.. contents.OfType<FunctionCallContent>()];
        return calls.Length == 0 || parser.Diagnostics.Count > 0
            ? $"{calls.Length} calls, {parser.Diagnostics.FirstOrDefault()?.Reason}"
            : calls.Select(call => contract.CheckCall(call) is [var error, ..] ? $"{call.Name} {error}: {Conversation.Describe([call])}" : null).FirstOrDefault(e => e is not null);
    }

    private static string Generate(TokenVocabulary vocabulary, Grammar grammar, Random random)
    {
        GrammarConstraint constraint = new(vocabulary, grammar, MostTokens);
        Sampler sampler = new(SamplingOptions.Greedy with { Temperature = 1, TopK = 0, TopP = 1, MinP = 0.001f, Seed = random.Next() }, constraint);
        List<byte> text = [];
        float[] logits = new float[vocabulary.Size];
        for (int i = 0; i < MostTokens && !constraint.IsFinished; i++)
        {
            for (int token = 0; token < logits.Length; token++)
            {
                logits[token] = random.NextSingle() * 4;
            }

            int next = sampler.Next(logits, []);
            text.AddRange(TextOf(vocabulary, next));
        }

        Assert.True(constraint.IsComplete, $"not complete after {MostTokens} tokens: {Encoding.UTF8.GetString([.. text])}");
        return Encoding.UTF8.GetString([.. text]);
    }

    /// <summary>The text of a token as the engine prints it, special tokens by their names.</summary>
    private static byte[] TextOf(TokenVocabulary vocabulary, int token) =>
        Names.TryGetValue(token, out string? name) ? Encoding.UTF8.GetBytes(name) : vocabulary.Piece(token).ToArray();

    [ThreadStatic]
    private static Dictionary<int, string>? names;

    private static Dictionary<int, string> Names => names ??= [];

    private static TokenVocabulary Vocabulary(ChatFormat format, bool marksAreTokens)
    {
        byte[]?[] pieces = TestVocabulary.RandomPieces(400, 5);
        Names.Clear();
        ToolSyntax syntax = format.ToolSyntax;
        string marks = string.Concat([
            syntax.SectionStart, syntax.SectionEnd, .. syntax.Call.Select(piece => piece.Text), syntax.ReasoningStart, syntax.ReasoningEnd, syntax.StringQuote,
            syntax.TaggedArgument?.Start, syntax.TaggedArgument?.KeyEnd, syntax.TaggedArgument?.End]);
        string[] found = [.. System.Text.RegularExpressions.Regex.Matches(marks, @"<\|?[\w/:|""▁｜]+\|?>|\[[A-Z_]+\]").Select(match => match.Value).Distinct()];
        for (int i = 0; marksAreTokens && i < found.Length; i++)
        {
            Names[300 + i] = found[i];
        }

        return new(pieces, [TestVocabulary.End], Names.ToDictionary());
    }

    private static AIFunctionDeclaration Tool(string name, string schema) =>
        AIFunctionFactory.CreateDeclaration(name, "A tool.", JsonDocument.Parse(schema).RootElement);
}

using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentKit.Testing;

/// <summary>Makes chat requests that range from ordinary to absurd: odd roles, contents, options, tools and lengths. The same seed gives the same requests.</summary>
public sealed class RequestMutator(int seed)
{
    private readonly Random _random = new(seed);

    public (List<ChatMessage> Messages, ChatOptions Options) Next() =>
        ([.. Enumerable.Range(0, _random.Next(0, 5)).Select(_ => Message())], Options());

    private ChatMessage Message() => new(Role(), [.. Enumerable.Range(0, _random.Next(0, 3)).Select(_ => Content())]);

    private ChatRole Role() => _random.Next(6) switch
    {
        0 => ChatRole.System,
        1 => ChatRole.Assistant,
        2 => ChatRole.Tool,
        3 => new("narrator"),
        _ => ChatRole.User,
    };

    private AIContent Content() => _random.Next(12) switch
    {
        0 => new FunctionCallContent(Text(8), Text(8), new Dictionary<string, object?> { [Text(4)] = Text(8), ["n"] = _random.NextDouble() }),
        1 => new FunctionCallContent("call_1", "calculator"),
        2 => new FunctionResultContent(Text(6), Text(20)),
        3 => new TextReasoningContent(Text(30)),
        4 => new DataContent(new byte[_random.Next(1, 10)], "image/png"),
        _ => new TextContent(Text(_random.Next(20) == 0 ? 5_000 : 40)),
    };

    /// <summary>Most requests have one oddity or none, so that a refusal for one reason does not hide another.</summary>
    private ChatOptions Options()
    {
        ChatOptions options = new() { MaxOutputTokens = Pick(1, 4, 8), Temperature = Pick<float?>(null, 0, 0.7f), Tools = Pick<IList<AITool>?>(null, [], [Tool()], [Tool(), Tool()]) };
        switch (_random.Next(16))
        {
            case 0: options.MaxOutputTokens = Pick(0, -5, int.MinValue); break;
            case 1: options.Temperature = Pick(1e9f, -1, float.NaN, float.PositiveInfinity); break;
            case 2: options.TopP = Pick(0.9f, 1, 0, 2, float.NaN); break;
            case 3: options.TopK = Pick(1, 40, int.MaxValue, -3); break;
            case 4: options.FrequencyPenalty = Pick(0.5f, float.NaN); break;
            case 5: options.PresencePenalty = Pick(-2, float.NegativeInfinity); break;
            case 6: options.Seed = Pick(1, long.MinValue, long.MaxValue); break;
            case 7: options.StopSequences = Pick<IList<string>>([], ["a"], [""], ["\0", "<|im_end|>"]); break;
            case 8: options.ToolMode = Pick<ChatToolMode>(ChatToolMode.None, ChatToolMode.RequireAny, ChatToolMode.RequireSpecific("no_such_tool")); break;
            case 9: options.Instructions = Text(20); break;
            case 10: options.AdditionalProperties = Pick<AdditionalPropertiesDictionary>(new() { ["min_p"] = 0.1 }, new() { ["min_p"] = "lots" }); break;
            default: break;
        }

        return options;
    }

    private AIFunctionDeclaration Tool() => AIFunctionFactory.CreateDeclaration(
        "tool_" + _random.Next(100),
        Text(20),
        JsonDocument.Parse(Pick(
            """{"type":"object","properties":{}}""",
            """{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}""",
            """{"type":"object","properties":{"n":{"type":"integer","minimum":5}},"required":["n","missing"]}""",
            """{"type":["object","null"],"anyOf":[{"type":"string"}]}""",
            """{"$ref":"#/$defs/loop","$defs":{"loop":{"$ref":"#/$defs/loop"}}}""",
            "true",
            "{}")).RootElement);

    private string Text(int length)
    {
        StringBuilder text = new();
        while (text.Length < length)
        {
            text.Append(_random.Next(12) switch
            {
                0 => "<|im_start|>",
                1 => "<|im_end|>",
                2 => "<tool_call>\n{\"name\": ",
                3 => ((char)_random.Next(0, 32)).ToString(),
                4 => ((char)_random.Next(0xD800, 0xE000)).ToString(),
                5 => char.ConvertFromUtf32(_random.Next(0x1F300, 0x1F700)),
                6 => "{{ messages }}",
                _ => "word ",
            });
        }

        return text.ToString();
    }

    private T Pick<T>(params ReadOnlySpan<T> values) => values[_random.Next(values.Length)];
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Subjects;

/// <summary>A hash of a subject and of everything it was asked of one sample, in order.</summary>
internal sealed class RequestKey
{
    private RequestKey(params IEnumerable<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string part in parts)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(part);
            // With its length before it no part can pass for the end of another.
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        Text = Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    /// <summary>32 hexadecimal digits.</summary>
    public string Text { get; }

    public static RequestKey First(string subject) => new(subject);

    public RequestKey With(IReadOnlyList<ScoreRequest> requests) =>
        new([Text, "score", .. requests.SelectMany(request => Parts(request.Prompt).Append("continuation").Append(request.Continuation))]);

    public RequestKey With(GenerateRequest request) =>
        new([Text, "generate", Number(request.MaxTokens), .. request.Until, "tools", .. request.Tools.SelectMany(Parts), .. Parts(request.Prompt)]);

    private static IEnumerable<string> Parts(EvalPrompt prompt) => prompt.IsChat
        ? prompt.Messages.SelectMany(message => message.Contents.SelectMany(Parts).Prepend(message.Role.Value).Prepend("message"))
        : ["text", prompt.Text];

    private static IEnumerable<string> Parts(AITool tool) =>
        [tool.Name, tool.Description, tool is AIFunctionDeclaration function ? function.JsonSchema.GetRawText() : ""];

    private static IEnumerable<string> Parts(AIContent content) => content switch
    {
        TextContent text => ["text", text.Text],
        FunctionCallContent call => ["call", call.Name, JsonSerializer.Serialize(call.Arguments, EvalJson.Compact)],
        FunctionResultContent result => ["result", JsonSerializer.Serialize(result.Result, EvalJson.Compact)],
        _ => throw new NotSupportedException($"Requests with {content.GetType().Name} cannot be kept."),
    };

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}

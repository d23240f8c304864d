using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Support;

/// <summary>Answers of a model to generated schemas, each checked by a validator that shares no code with the product.</summary>
/// <param name="Finished">Answers that came to their end; all must be valid.</param>
/// <param name="ClosedEarly">Those of them that the limit of tokens brought to an end.</param>
/// <param name="Cut">Answers for which the limit was too small for any value.</param>
/// <param name="Impossible">Schemas that no value fits.</param>
/// <param name="Tokens">Tokens generated.</param>
/// <param name="Invalid">What was wrong with finished answers.</param>
internal sealed record SchemaRun(int Finished, int ClosedEarly, int Cut, int Impossible, long Tokens, IReadOnlyList<string> Invalid)
{
    private const int Together = 16;
    private const int MostTokens = 64;

    /// <summary>Asks for a value of every schema, many at once.</summary>
    internal static async Task<SchemaRun> RunAsync(IChatClient model, IEnumerable<int> seeds)
    {
        var total = new SchemaRun(0, 0, 0, 0, 0, []);
        foreach (int[] group in seeds.Chunk(Together))
        {
            foreach (SchemaRun one in await Task.WhenAll(group.Select(seed => AskAsync(model, seed))))
            {
                total = new(total.Finished + one.Finished, total.ClosedEarly + one.ClosedEarly, total.Cut + one.Cut, total.Impossible + one.Impossible,
                    total.Tokens + one.Tokens, [.. total.Invalid, .. one.Invalid]);
            }
        }

        return total;
    }

    private static async Task<SchemaRun> AskAsync(IChatClient model, int seed)
    {
        JsonObject schema = new SchemaGenerator(seed).Document();
        ChatOptions options = new()
        {
            ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonSerializer.SerializeToElement(schema)),
            MaxOutputTokens = MostTokens,
            Temperature = 1,
            Seed = seed,
        };
        try
        {
            ChatResponse response = await model.GetResponseAsync($"Write value {seed}.", options);
            bool isClosed = LocalResponseDetails.Of(response)!.ClosedEarly;
            bool isCut = response.FinishReason == ChatFinishReason.Length && !isClosed;
            string? fault = isCut ? null : Fault(schema, response.Text);
            return new(isCut ? 0 : 1, isClosed ? 1 : 0, isCut ? 1 : 0, 0, response.Usage?.OutputTokenCount ?? 0,
                fault is null ? [] : [$"seed {seed}: {schema.ToJsonString()} gave {response.Text}: {fault}"]);
        }
        catch (UserInputException error) when (error.Message.Contains("no text at all", StringComparison.Ordinal))
        {
            return new(0, 0, 0, 1, 0, []);
        }
    }

    private static string? Fault(JsonObject schema, string text)
    {
        try
        {
            return new PlainSchemaValidator(schema).IsValid(JsonNode.Parse(text)) ? null : "not valid";
        }
        catch (JsonException e)
        {
            return e.Message;
        }
    }
}

using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Chat;
using AgentKit.Models.Constraints;
using AgentKit.Models.Constraints.Tokens;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentKit.Models;

/// <summary>Makes the contracts that chat options ask for; the same options give the same one, so that its grammar keeps what it has learned.</summary>
internal sealed class AnswerContracts(ChatFormat format, Func<TokenVocabulary> vocabulary, string model, ILogger logger)
{
    private static readonly JsonElement AnyObject = JsonDocument.Parse("""{"type":"object"}""").RootElement;

    private readonly GrammarCache<AnswerContract> _contracts = new();

    /// <summary>The contract of a request.</summary>
    /// <param name="options">Tools, tool mode and response format are read.</param>
    /// <param name="prompt">The rendered prompt, which may have opened the answer.</param>
    /// <exception cref="UserInputException">A schema is malformed, or a call is required that cannot be made.</exception>
    public AnswerContract For(ChatOptions? options, string prompt)
    {
        AIFunctionDeclaration[] tools = Callable(options);
        bool required = options?.ToolMode is RequiredChatToolMode;
        JsonElement? schema = required || options?.ResponseFormat is not ChatResponseFormatJson json ? null : json.Schema ?? AnyObject;
        if (tools.Length == 0 && schema is null)
        {
            return AnswerContract.None;
        }

        bool parallel = options!.AllowMultipleToolCalls ?? true;
        string opened = PromptTail.Find(format.ToolSyntax, prompt);
        string key = string.Join('\n',
            [$"{required} {parallel} {schema?.GetRawText()}", JsonSerializer.Serialize(opened), .. tools.Select(t => t.Name + t.JsonSchema.GetRawText())]);
        return _contracts.GetOrBuild(key, () => Build(tools, schema, required, parallel, opened));
    }

    private static AIFunctionDeclaration[] Callable(ChatOptions? options)
    {
        if (options?.ToolMode is NoneChatToolMode)
        {
            return [];
        }

        string? name = (options?.ToolMode as RequiredChatToolMode)?.RequiredFunctionName;
        AIFunctionDeclaration[] tools =
            [.. (options?.Tools ?? []).OfType<AIFunctionDeclaration>().Where(tool => name is null || tool.Name == name)];
        return tools.Length == 0 && options?.ToolMode is RequiredChatToolMode
            ? throw new UserInputException("ChatOptions.ToolMode", name is null
                ? "A tool call is required, but ChatOptions.Tools is empty."
                : $"A call of '{name}' is required, but no such tool is among ChatOptions.Tools.")
            : tools;
    }

    private AnswerContract Build(AIFunctionDeclaration[] tools, JsonElement? schema, bool required, bool parallel, string opened)
    {
        ToolSyntax syntax = format.ToolSyntax;
        bool canCall = tools.Length > 0 && syntax.Style != ToolCallStyle.None;
        if (tools.Length > 0 && !canCall)
        {
            string message = $"The chat template of {model} says nothing about how the model calls tools";
            if (required)
            {
                throw new UserInputException("ChatOptions.ToolMode", $"A tool call is required. {message}.");
            }

            logger.LogWarning("{Message}; the tools are passed to the template, calls are not expected.", message);
        }

        ToolCallGrammar? calls = canCall ? new(syntax, vocabulary(), tools, parallel) : null;
        JsonSchemaGrammar? value = schema is { } asked ? JsonSchemaGrammar.Create(asked) : null;
        AnswerGrammar answer = new(syntax, vocabulary(), opened);
        GrammarExpression? root = required || value is not null ? answer.Required(calls, value?.Root)
            : calls is not null ? answer.Free(calls)
            : null;
        SchemaWarning[] warnings = [.. calls?.Warnings ?? [], .. value?.Warnings ?? []];
        foreach (SchemaWarning warning in warnings)
        {
            logger.LogWarning("Not enforced while decoding, only checked afterwards: {Path} {Keyword}: {Message}", warning.Path, warning.Keyword, warning.Message);
        }

        return new()
        {
            Grammar = root is null ? null : Grammar.Compile(root),
            ClosesInTime = calls is null,
            Warnings = warnings,
            Format = value?.Validator,
            Tools = tools.DistinctBy(tool => tool.Name).ToDictionary(
                tool => tool.Name, tool => new JsonSchemaValidator(ToolCallGrammar.ObjectSchema(tool.JsonSchema))),
        };
    }
}

using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentKit.Models.TypedOutput;

/// <summary>
/// Answers as values of a type, from any <see cref="IChatClient"/>. The shape is that of the extensions of Microsoft.Extensions.AI, so that
/// one can take the place of the other.
/// </summary>
public static class TypedOutputExtensions
{
    /// <summary>Asks for a value of a type.</summary>
    /// <typeparam name="T">The type; its JSON schema is derived as System.Text.Json writes it, with all members required.</typeparam>
    /// <param name="client">The model. A local one can write nothing but a fitting value; what others write is checked.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">Further options; the response format is set by this method.</param>
    /// <param name="useJsonSchemaResponseFormat">
    /// Whether the client understands a JSON schema as response format. <c>false</c> puts the schema into the conversation instead. Default: true.
    /// </param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The response; reading its <see cref="ChatResponse{T}.Result"/> fails when the answer is cut off or does not fit.</returns>
    public static Task<ChatResponse<T>> GetResponseAsync<T>(
        this IChatClient client,
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        bool? useJsonSchemaResponseFormat = null,
        CancellationToken cancellationToken = default) =>
        client.GetResponseAsync<T>(messages, AIJsonUtilities.DefaultOptions, options, useJsonSchemaResponseFormat, cancellationToken);

    /// <summary>Asks for a value of a type in answer to one message of the user.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="client">The model.</param>
    /// <param name="chatMessage">The text of the message.</param>
    /// <param name="options">Further options; the response format is set by this method.</param>
    /// <param name="useJsonSchemaResponseFormat">Whether the client understands a JSON schema as response format. Default: true.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The response.</returns>
    public static Task<ChatResponse<T>> GetResponseAsync<T>(
        this IChatClient client,
        string chatMessage,
        ChatOptions? options = null,
        bool? useJsonSchemaResponseFormat = null,
        CancellationToken cancellationToken = default) =>
        client.GetResponseAsync<T>([new ChatMessage(ChatRole.User, chatMessage)], options, useJsonSchemaResponseFormat, cancellationToken);

    /// <summary>Asks for a value of a type, written and read with serializer options of the caller's.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="client">The model.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="serializerOptions">How the type is written as JSON; must know the type.</param>
    /// <param name="options">Further options; the response format is set by this method.</param>
    /// <param name="useJsonSchemaResponseFormat">Whether the client understands a JSON schema as response format. Default: true.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The response.</returns>
    public static async Task<ChatResponse<T>> GetResponseAsync<T>(
        this IChatClient client,
        IEnumerable<ChatMessage> messages,
        JsonSerializerOptions serializerOptions,
        ChatOptions? options = null,
        bool? useJsonSchemaResponseFormat = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(serializerOptions);
        serializerOptions.MakeReadOnly();
        ResultSchema schema = ResultSchema.Of(typeof(T), serializerOptions);
        options = options?.Clone() ?? new();
        if (useJsonSchemaResponseFormat ?? true)
        {
            options.ResponseFormat = ChatResponseFormat.ForJsonSchema(schema.Schema, Name(typeof(T)));
        }
        else
        {
            options.ResponseFormat = ChatResponseFormat.Json;
            messages = [.. messages, new(ChatRole.User, $"Answer with a JSON value that fits this schema, and nothing else:\n{schema.Schema.GetRawText()}")];
        }

        ChatResponse response = await client.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        return new(response, schema, serializerOptions);
    }

    /// <summary>Letters, digits and underscores, which is what services allow as the name of a schema.</summary>
    private static string Name(Type type) => string.Concat(type.Name.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
}

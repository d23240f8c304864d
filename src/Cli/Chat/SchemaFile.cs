using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints;
using Microsoft.Extensions.AI;

namespace AgentKit.Cli.Chat;

/// <summary>The file of <c>chat --schema</c>.</summary>
internal static class SchemaFile
{
    /// <summary>Reads and checks it, before a model is loaded.</summary>
    /// <exception cref="UserInputException">There is no such file, it is no JSON, or no schema that a value could fit.</exception>
    public static ChatResponseFormat Read(FileInfo file)
    {
        JsonElement schema = JsonSerializer.SerializeToElement(JsonFile.Read("--schema", file.ToString()));
        try
        {
            JsonSchemaGrammar.Create(schema).Compile();
            return ChatResponseFormat.ForJsonSchema(schema, "answer");
        }
        catch (UserInputException e)
        {
            throw new UserInputException("--schema", $"{file} cannot be used as a schema: {e.Field}: {e.Message}", e);
        }
    }
}

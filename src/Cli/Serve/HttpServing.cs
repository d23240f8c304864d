using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Server;
using AgentKit.Tools.Mcp;

namespace AgentKit.Cli.Serve;

/// <summary>Serves MCP at an address, for <c>serve</c> and <c>mcp serve --http</c>, until it is interrupted.</summary>
internal static class HttpServing
{
    /// <summary>Where the secret is looked for: a command line can be read by everybody on the machine.</summary>
    private const string TokenVariable = "AGENTKIT_TOKEN";

    private const int LeastTokenLength = 16;

    public static readonly Option<string?> Issuer = new("--oauth-issuer")
    {
        Description = "Let in clients with an access token (JWT) of this authorization server.",
        HelpName = "url",
    };

    public static readonly Option<string?> Resource = new("--oauth-resource")
    {
        Description = "With --oauth-issuer: this server's address as clients know it, path included; tokens must be made out for it.",
        HelpName = "url",
    };

    public static readonly Option<string[]> Hosts = new("--host")
    {
        Description = "A name by which clients call this server, beside those of this machine.",
        HelpName = "name",
    };

    public static readonly Option<string[]> Origins = new("--origin")
    {
        Description = "An origin whose web pages may use this server, such as https://example.org, beside pages of this machine.",
        HelpName = "url",
    };

    public static Option[] Options => [Issuer, Resource, Hosts, Origins];

    /// <param name="context">The command.</param>
    /// <param name="server">What is served.</param>
    /// <param name="url">Where.</param>
    /// <param name="field">The option that named the address.</param>
    /// <exception cref="UserInputException">The address or an option is not usable.</exception>
    public static async Task<int> RunAsync(CommandContext context, McpToolServer server, string url, string field)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address))
            throw new UserInputException(field, $"{field} is '{url}'; http://HOST:PORT is expected.");
        await using McpHttpServer http = await StartAsync(context, server, address, field);
        context.WriteJson(new ServeJson(http.Url.AbsoluteUri));
        context.Screen.Notice($"Serving MCP at {http.Url} with {server.Tools.Count} tools. Ctrl-C ends it.");
        var stopped = new TaskCompletionSource();
        await using (context.Stop.Register(stopped.SetResult)) await stopped.Task;
        return ExitCode.Cancelled;
    }

    private static async Task<McpHttpServer> StartAsync(CommandContext context, McpToolServer server, Uri address, string field)
    {
        try
        {
            return await McpHttpServer.StartAsync(server, address, ReadOptions(context), context.Stop);
        }
        catch (UserInputException e) when (e.Field == "url")
        {
            string hint = context.Parse.GetValue(Issuer) is null && Environment.GetEnvironmentVariable(TokenVariable) is null
                ? $" A token is taken from the environment variable {TokenVariable}."
                : "";
            throw new UserInputException(field, $"{field}: {e.Message}{hint}", e);
        }
    }

    private static McpHttpOptions ReadOptions(CommandContext context)
    {
        string? token = Environment.GetEnvironmentVariable(TokenVariable);
        if (token is { Length: < LeastTokenLength })
        {
            throw new UserInputException(
                TokenVariable, $"{TokenVariable} has {token.Length} characters; a secret of {LeastTokenLength} or more is expected.");
        }

        return new McpHttpOptions
        {
            BearerToken = token,
            OAuth = ReadOAuth(context),
            AllowedHosts = context.Parse.GetValue(Hosts) ?? [],
            AllowedOrigins = context.Parse.GetValue(Origins) ?? [],
            TimeProvider = context.Time,
            Loggers = context.Loggers,
        };
    }

    private static McpOAuthOptions? ReadOAuth(CommandContext context)
    {
        string? issuer = context.Parse.GetValue(Issuer);
        string? resource = context.Parse.GetValue(Resource);
        if (issuer is null && resource is null) return null;
        return new McpOAuthOptions { Issuer = Address(Issuer.Name, issuer), Resource = Address(Resource.Name, resource) };
    }

    private static Uri Address(string field, string? text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "https" or "http"
        ? uri
        : throw new UserInputException(
            field,
            $"{field} is {(text is null ? "missing" : $"'{text}'")}; an http(s) address is expected, and {Issuer.Name} and {Resource.Name} go together.");
}

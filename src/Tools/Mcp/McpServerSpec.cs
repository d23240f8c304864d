using System.Text;
using AgentKit.Kernel.Errors;
using ModelContextProtocol.Authentication;

namespace AgentKit.Tools.Mcp;

/// <summary>Which MCP server to use: a command to start and speak to over stdio, or the address of one that runs.</summary>
public sealed record McpServerSpec
{
    private McpServerSpec(string text, string option)
    {
        Text = text;
        Option = option;
    }

    /// <summary>The specification as the user wrote it.</summary>
    public string Text { get; }

    /// <summary>The option it came from, named in messages.</summary>
    public string Option { get; }

    /// <summary>The program to start; <c>null</c> for a server with an address.</summary>
    public string? Command { get; private init; }

    /// <summary>The program's arguments.</summary>
    public IReadOnlyList<string> Arguments { get; private init; } = [];

    /// <summary>The address of a Streamable HTTP server; <c>null</c> for a command.</summary>
    public Uri? Url { get; private init; }

    /// <summary>The folder the program starts in; the current one by default.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>
    /// Variables the program sees beside the few every program needs (PATH, HOME and the like). Nothing else is inherited: secrets of this
    /// process do not leak to a server that was not given them.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Headers sent with every request to a server with an address, a bearer token for example.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>How to get a token when a server with an address asks for one (OAuth 2.1); <c>null</c> when it cannot be got.</summary>
    public ClientOAuthOptions? OAuth { get; init; }

    /// <summary>How long the server may take to start and answer.</summary>
    /// <value>1 second to 1 hour; 60 seconds by default.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan ConnectTimeout
    {
        get;
        init => field = value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromHours(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(ConnectTimeout), value, "1 second to 1 hour");
    } = TimeSpan.FromSeconds(60);

    /// <summary>A program with its arguments, as they are: nothing is split or unquoted.</summary>
    /// <param name="command">A path, or a name to be found in PATH.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="option">Where it comes from, for messages.</param>
    /// <exception cref="UserInputException">The command is empty.</exception>
    public static McpServerSpec OfCommand(string command, IReadOnlyList<string> arguments, string option = "--server")
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return string.IsNullOrWhiteSpace(command)
            ? throw new UserInputException(option, $"{option}: the command is empty")
            : new McpServerSpec(string.Join(' ', [command, .. arguments]), option) { Command = command, Arguments = arguments };
    }

    /// <summary>
    /// Reads a specification: an http or https address, or a command line. Words are separated by blanks; single or double quotes keep
    /// blanks together; a backslash is an ordinary character except before a quote. Leading <c>NAME=value</c> words set environment
    /// variables.
    /// </summary>
    /// <param name="text">For example <c>npx -y some-server "My Folder"</c> or <c>https://example.com/mcp</c>.</param>
    /// <param name="option">The option it came from, for messages.</param>
    /// <exception cref="UserInputException">There is no command, a quote is not closed, or the address is malformed.</exception>
    public static McpServerSpec Parse(string text, string option = "--server")
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.TrimStart().StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || text.TrimStart().StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            return Uri.TryCreate(text.Trim(), UriKind.Absolute, out var url) && url.Host.Length > 0
                ? new McpServerSpec(text, option) { Url = url }
                : throw new UserInputException(option, $"{option}: '{text}' is not a valid address");
        }
        var words = Split(text, option);
        var variables = words.TakeWhile(IsAssignment).ToList();
        if (words.Count == variables.Count)
            throw new UserInputException(option, $"{option} must be a command or an http(s) address, found '{text}'");
        return new McpServerSpec(text, option)
        {
            Command = words[variables.Count],
            Arguments = words[(variables.Count + 1)..],
            Environment = variables.Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]),
        };
    }

    private static bool IsAssignment(string word)
    {
        var end = word.IndexOf('=');
        return end > 0 && !char.IsAsciiDigit(word[0]) && word.AsSpan(0, end).IndexOfAnyExcept(Letters) < 0;
    }

    private static readonly System.Buffers.SearchValues<char> Letters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    private static List<string> Split(string text, string option)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            var next = text[i];
            if (next == '\\' && i + 1 < text.Length && text[i + 1] is '"' or '\'' && quote != '\'')
                (word ??= new()).Append(text[++i]);
            else if (quote == '\0' && next is '"' or '\'')
                (quote, word) = (next, word ?? new());
            else if (next == quote)
                quote = '\0';
            else if (quote != '\0' || !char.IsWhiteSpace(next))
                (word ??= new()).Append(next);
            else if (word is not null)
                Finish();
        }
        if (quote != '\0')
            throw new UserInputException(option, $"{option}: a {quote} is not closed in '{text}'");
        if (word is not null)
            Finish();
        return words;

        void Finish()
        {
            words.Add(word!.ToString());
            word = null;
        }
    }
}

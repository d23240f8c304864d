using AgentKit.Kernel.Errors;
using Npgsql;

namespace AgentKit.Memory.Stores.Postgres;

/// <summary>An address as other tools of PostgreSQL take it, as a connection string of Npgsql.</summary>
internal static class PostgresAddress
{
    private const string Expected = "postgres://user:password@host:5432/database is expected";

    /// <exception cref="UserInputException">It is none. The message does not repeat it: it may hold a password.</exception>
    public static string ToConnectionString(string address)
    {
        try
        {
            return address.Contains("://", StringComparison.Ordinal) ? FromUri(address) : new NpgsqlConnectionStringBuilder(address).ConnectionString;
        }
        catch (ArgumentException e)
        {
            throw new UserInputException("store", $"The address of the PostgreSQL store is not understood ({e.Message}); {Expected}.", e);
        }
    }

    private static string FromUri(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("postgres" or "postgresql") || uri.Host.Length == 0)
            throw new UserInputException("store", $"The address of the PostgreSQL store is no URL; {Expected}.");
        string[] login = uri.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder { Host = uri.IdnHost, Port = uri.Port > 0 ? uri.Port : NpgsqlConnection.DefaultPort };
        if (login[0].Length > 0) builder.Username = Uri.UnescapeDataString(login[0]);
        if (login.Length > 1) builder.Password = Uri.UnescapeDataString(login[1]);
        if (uri.AbsolutePath.Length > 1) builder.Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]);
        foreach (string pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = pair.Split('=', 2);
            string name = parts[0] == "sslmode" ? "SSL Mode" : Uri.UnescapeDataString(parts[0]);
            string value = Uri.UnescapeDataString(parts.Length > 1 ? parts[1] : "");
            builder[name] = name == "SSL Mode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
        }

        return builder.ConnectionString;
    }
}

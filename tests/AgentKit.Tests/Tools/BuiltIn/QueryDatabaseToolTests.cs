using AgentKit.Kernel.Errors;
using AgentKit.Testing;
using AgentKit.Tools.BuiltIn;
using AgentKit.Tools.BuiltIn.Databases;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Tools.BuiltIn;

public sealed class QueryDatabaseToolTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly AIFunction _query;

    public QueryDatabaseToolTests()
    {
        Make("shop.db", "CREATE TABLE item(name TEXT, price REAL, note); INSERT INTO item VALUES('a\tb', 1.5, NULL),('c', 2, x'00ff');");
        Make("secret.db", "CREATE TABLE secret(x); INSERT INTO secret VALUES(42);");
        _query = Tool(new DatabaseOptions { Path = _scratch["shop.db"], MaxRows = 3, Timeout = TimeSpan.FromSeconds(1) });
    }

    public void Dispose() => _scratch.Dispose();

    private static AIFunction Tool(DatabaseOptions options) =>
        BuiltInTools.Create(new BuiltInToolsOptions { Database = options }).Single(tool => tool.Name == "query_database");

    private void Make(string name, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_scratch[name]};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private async Task<string> Query(string sql) => (string)(await _query.InvokeAsync(new AIFunctionArguments { ["sql"] = sql }))!;

    private async Task<string> Refused(string sql) => (await Assert.ThrowsAsync<ToolException>(() => Query(sql))).Message;

    [Fact]
    public async Task Query_Select_ReturnsATableOfTabs()
    {
        Assert.Equal("name\tprice\tnote\na\\tb\t1.5\tNULL\nc\t2\t[2 bytes]", await Query("SELECT * FROM item ORDER BY price; -- all"));
        Assert.Equal("name\n(no rows)", await Query("SELECT name FROM item WHERE price > 10"));
        Assert.StartsWith("cid\tname\t", await Query("PRAGMA table_info(item)"));
        Assert.StartsWith("n\n1\n2\n3\n[the first 3 rows", await Query("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM t WHERE n < 9) SELECT n FROM t"));
    }

    [Theory]
    [InlineData("DELETE FROM item")]
    [InlineData("INSERT INTO item VALUES(1,2,3)")]
    [InlineData("UPDATE item SET price = 0 RETURNING *")]
    [InlineData("CREATE TABLE t(x)")]
    [InlineData("DROP TABLE item")]
    [InlineData("VACUUM INTO 'copy.db'")]
    [InlineData("ATTACH 'secret.db' AS s")]
    [InlineData("PRAGMA writable_schema = 1")]
    [InlineData("PRAGMA journal_mode = DELETE")]
    [InlineData("PRAGMA database_list")]
    [InlineData("SELECT load_extension('x')")]
    [InlineData("SELECT * FROM item; DELETE FROM item")]
    [InlineData("BEGIN")]
    [InlineData("")]
    [InlineData("-- nothing")]
    public async Task Query_AnythingButOneRead_IsRefused(string sql)
    {
        await Refused(sql);

        Assert.Equal("count(*)\n2", await Query("SELECT count(*) FROM item"));
        Assert.Equal(2, Directory.GetFiles(_scratch.Path).Length);
    }

    [Fact]
    public async Task Query_Mistake_SaysWhatSqliteSays() => Assert.Equal("the database says: no such table: nowhere", await Refused("SELECT * FROM nowhere"));

    [Fact]
    public async Task Query_WithoutEnd_IsEnded() => Assert.Equal(
        "the query took longer than 1 seconds and was ended",
        await Refused("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM t) SELECT count(*) FROM t"));

    [Theory]
    [InlineData("SELECT zeroblob(1000000000)")]
    [InlineData("SELECT hex(randomblob(100000000))")]
    public async Task Query_ThatWantsAllMemory_IsRefused(string sql) => Assert.StartsWith("the database says: ", await Refused(sql));

    [Fact]
    public async Task Query_LongRows_AreAnnouncedNotCut()
    {
        AIFunction query = Tool(new DatabaseOptions { Path = _scratch["shop.db"], MaxCharacters = 1000 });

        string result = (string)(await query.InvokeAsync(new AIFunctionArguments
        {
            ["sql"] = "SELECT printf('%.600c', 'x') UNION ALL SELECT printf('%.600c', 'y')",
        }))!;

        Assert.EndsWith("\n[1 rows; the next does not fit into 1000 characters]", result);
    }

    [Fact]
    public void Create_FileThatIsNoDatabase_IsRefused()
    {
        _scratch.Write("text.db", "this is not a database, however long it may be; SQLite looks at the first hundred bytes of a file to find out");

        Assert.Contains("is no SQLite database", Assert.Throws<UserInputException>(() => Tool(new DatabaseOptions { Path = _scratch["text.db"] })).Message);
        Assert.Contains("there is no database", Assert.Throws<UserInputException>(() => Tool(new DatabaseOptions { Path = _scratch["none.db"] })).Message);
    }
}
